using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>
/// What a trusted proxy says of the client it speaks for, by XCLIENT (Postfix's XCLIENT_README):
/// <code>xclient-command = XCLIENT 1*( SP attribute-name "=" attribute-value )</code>
/// Names are read in any case, values are xtext. "[UNAVAILABLE]" and "[TEMPUNAVAIL]" say that a value is not known. What a command leaves out stays as one before it said.
/// </summary>
public sealed record XClient
{
    /// <summary>The attributes as they stand in the reply to EHLO. LOGIN is read as well and not offered: nobody is authenticated by another's word.</summary>
    public const string Offered = "NAME ADDR PORT PROTO HELO DESTADDR DESTPORT";

    private const int MaxText = 255;

    /// <summary>NAME: the client's host name, or null where it is not known.</summary>
    public string? Name { get; init; }

    /// <summary>ADDR was said, known or not.</summary>
    public bool IsAddressTold { get; init; }

    /// <summary>ADDR: the client's address, or null where it is not known.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>PORT of the client, 0 to 65535.</summary>
    public int? Port { get; init; }

    /// <summary>PROTO: true for ESMTP, false for SMTP, null where it was not said.</summary>
    public bool? IsExtended { get; init; }

    /// <summary>HELO: the name the client gave in EHLO or HELO; null where it is not known.</summary>
    public string? Helo { get; init; }

    /// <summary>LOGIN: the name the client authenticated by at the proxy; null where it did not.</summary>
    public string? Login { get; init; }

    /// <summary>DESTADDR: the address the client connected to.</summary>
    public IPAddress? DestinationAddress { get; init; }

    /// <summary>DESTPORT: the port the client connected to, 0 to 65535.</summary>
    public int? DestinationPort { get; init; }

    /// <summary>Reads what stands behind the verb.</summary>
    /// <param name="arguments">Attributes between spaces.</param>
    /// <param name="before">What was said before in the same connection, or null.</param>
    /// <param name="told">All that is known now.</param>
    /// <param name="reason">What is wrong, for the 501; empty when nothing is.</param>
    public static bool TryParse(ReadOnlySpan<char> arguments, XClient? before, out XClient told, out string reason)
    {
        told = before ?? new XClient();
        reason = "";
        int count = 0;
        foreach (Range range in arguments.Split(' '))
        {
            ReadOnlySpan<char> attribute = arguments[range];
            if (attribute.IsEmpty)
            {
                continue;
            }

            count++;
            int equals = attribute.IndexOf('=');
            if (equals <= 0 || !Xtext.TryDecode(attribute[(equals + 1)..], out string value) || !IsPrintable(value))
            {
                reason = "Bad XCLIENT attribute syntax";
                return false;
            }

            if (!TryTake(ref told, attribute[..equals], value, out reason))
            {
                return false;
            }
        }

        reason = count == 0 ? "Syntax: XCLIENT attribute=value..." : "";
        return count > 0;
    }

    private static bool TryTake(ref XClient told, ReadOnlySpan<char> name, string value, out string reason)
    {
        bool isKnown = !value.Equals("[UNAVAILABLE]", StringComparison.OrdinalIgnoreCase) && !value.Equals("[TEMPUNAVAIL]", StringComparison.OrdinalIgnoreCase);
        string? text = isKnown ? value : null;
        IPAddress? address = null;
        int? port = null;
        bool good = true;
        switch (name.Length <= 8 ? name.ToString().ToUpperInvariant() : "")
        {
            case "NAME":
                told = told with { Name = text };
                break;
            case "ADDR":
                good = !isKnown || TryReadAddress(value, out address);
                told = told with { IsAddressTold = true, Address = address };
                break;
            case "PORT":
                good = !isKnown || TryReadPort(value, out port);
                told = told with { Port = port };
                break;
            case "PROTO":
                good = value.Equals("SMTP", StringComparison.OrdinalIgnoreCase) || value.Equals("ESMTP", StringComparison.OrdinalIgnoreCase);
                told = told with { IsExtended = value.Length == 5 };
                break;
            case "HELO":
                told = told with { Helo = text };
                break;
            case "LOGIN":
                told = told with { Login = text };
                break;
            case "DESTADDR":
                good = !isKnown || TryReadAddress(value, out address);
                told = told with { DestinationAddress = address };
                break;
            case "DESTPORT":
                good = !isKnown || TryReadPort(value, out port);
                told = told with { DestinationPort = port };
                break;
            default:
                reason = "Bad XCLIENT attribute name";
                return false;
        }

        reason = good ? "" : "Bad XCLIENT attribute value";
        return good;
    }

    // "192.0.2.1", "IPV6:2001:db8::1"; without a zone, and in full: "1" is no address.
    private static bool TryReadAddress(string text, out IPAddress? address)
    {
        bool isV6 = text.StartsWith("IPV6:", StringComparison.OrdinalIgnoreCase);
        string plain = isV6 ? text[5..] : text;
        return IPAddress.TryParse(plain, out address)
            && (isV6 ? address.AddressFamily == AddressFamily.InterNetworkV6 && !plain.AsSpan().ContainsAny('%', '[') : address.AddressFamily == AddressFamily.InterNetwork && plain == address.ToString());
    }

    private static bool TryReadPort(string text, out int? port)
    {
        port = null;
        if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number))
        {
            return false;
        }

        port = number;
        return true;
    }

    private static bool IsPrintable(string text) => text.Length is > 0 and <= MaxText && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
