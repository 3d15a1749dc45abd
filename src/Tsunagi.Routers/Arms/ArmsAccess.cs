using System.Security.Cryptography;
using System.Text;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Arms;

/// <summary>
/// Who calls: the name of Basic (RFC 7617) is the distribution id, the password the key of that server: its LS-SA key at the location server, and at the resource server
/// and the tunnel the one that the location server gave it.
/// </summary>
internal sealed class ArmsAccess(DeviceBook devices, DeviceSecrets secrets)
{
    public async ValueTask<ArmsCaller> FindAsync(string? authorization, string secret, CancellationToken cancellationToken)
    {
        if (!TryRead(authorization, out var id, out var key))
        {
            return new ArmsCaller(ArmsCallerKind.Nobody, default, null);
        }

        if (await devices.KnownAsync(id.ToString(), cancellationToken) is not { } device)
        {
            return new ArmsCaller(ArmsCallerKind.Unknown, id, null);
        }

        return await secrets.FindAsync(device, secret, cancellationToken) is not { } wanted ? new ArmsCaller(ArmsCallerKind.WithoutKey, id, device)
            : CryptographicOperations.FixedTimeEquals(key, Encoding.UTF8.GetBytes(wanted.Password)) ? new ArmsCaller(ArmsCallerKind.Known, id, device)
            : new ArmsCaller(ArmsCallerKind.WrongKey, id, device);
    }

    private static bool TryRead(string? authorization, out DistributionId id, out byte[] key)
    {
        (id, key) = (default, []);
        if (authorization is null || !authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var octets = new byte[authorization.Length];
        if (!Convert.TryFromBase64String(authorization[6..].Trim(), octets, out var length))
        {
            return false;
        }

        var colon = octets.AsSpan(0, length).IndexOf((byte)':');
        if (colon < 0 || !DistributionId.TryParse(Encoding.Latin1.GetString(octets, 0, colon), out id))
        {
            return false;
        }

        key = octets[(colon + 1)..length];
        return true;
    }
}

/// <summary>Who called, and what is known of it.</summary>
internal sealed record ArmsCaller(ArmsCallerKind Kind, DistributionId Id, RouterDevice? Device);

internal enum ArmsCallerKind
{
    /// <summary>Shows nothing that could be read.</summary>
    Nobody,

    /// <summary>An id nobody has registered.</summary>
    Unknown,

    /// <summary>An id without a key: nothing it shows can be believed.</summary>
    WithoutKey,

    /// <summary>A known id with another key.</summary>
    WrongKey,

    Known,
}
