using System.Text;
using Tsunagi.Protocols.Cpe.Cwmp;

namespace Tsunagi.Routers.Devices;

/// <summary>The one text a router is known by: OUI-class-serial, or OUI-serial without a class; other characters than letters, digits and _ as %XX, as other servers write it.</summary>
internal static class DeviceIdentity
{
    public const int Longest = 300;

    public static string Of(DeviceId device) => device.ProductClass.Length == 0 ? Short(device) : $"{Escape(device.Oui)}-{Escape(device.ProductClass)}-{Escape(device.SerialNumber)}";

    /// <summary>Without the class.</summary>
    public static string Short(DeviceId device) => $"{Escape(device.Oui)}-{Escape(device.SerialNumber)}";

    /// <summary>Null when it can be kept; else what is wrong with it.</summary>
    public static string? WhyNot(DeviceId device) =>
        device.Oui.Length is 0 or > 12 || !device.Oui.All(char.IsAsciiHexDigit) ? "the OUI is not hexadecimal"
        : device.SerialNumber.Length is 0 or > 64 ? "the serial number is empty or longer than 64 characters"
        : device.ProductClass.Length > 64 ? "the product class is longer than 64 characters"
        : device.Manufacturer.Length > 256 ? "the manufacturer is longer than 256 characters"
        : null;

    private static string Escape(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            _ = char.IsAsciiLetterOrDigit((char)octet) || octet == (byte)'_'
                ? result.Append((char)octet)
                : result.Append('%').Append(octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return result.ToString();
    }
}
