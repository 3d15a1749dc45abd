using System.Buffers.Binary;
using System.Globalization;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Proxy;

/// <summary>
/// What a home server may tell an access server of ours. Whoever authenticates users of others does not thereby rule our network: addresses, routes, VLANs, filters and vendors' attributes pass only
/// where the realm allows them. What is in no list does not pass.
/// </summary>
internal sealed class ReplyFilter
{
    private const uint Framed = 2;

    private static readonly string[] Any =
    [
        "User-Name", "Service-Type", "Framed-Protocol", "Framed-MTU", "Framed-Compression", "Reply-Message", "State", "Class", "Session-Timeout", "Idle-Timeout", "Termination-Action", "Port-Limit",
        "Prompt", "Password-Retry", "EAP-Message", "Acct-Interim-Interval", "Chargeable-User-Identity", "Error-Cause", "MS-CHAP-Error", "MS-CHAP2-Success", "MS-CHAP-Domain", "MS-CHAP-MPPE-Keys",
        "MS-MPPE-Encryption-Policy", "MS-MPPE-Encryption-Types", "MS-MPPE-Send-Key", "MS-MPPE-Recv-Key",
    ];

    private readonly bool[] _types = new bool[256];
    private readonly HashSet<uint> _vendors = [];
    private readonly HashSet<(uint Vendor, byte Type)> _ofVendors = [];
    private readonly bool _anyService;

    /// <exception cref="InvalidOperationException">A name is no attribute's.</exception>
    public ReplyFilter(IReadOnlyList<string> allow, IReadOnlyList<string> deny, string key)
    {
        foreach (var name in Any)
        {
            Set(name, true, key);
        }

        foreach (var name in allow)
        {
            Set(name, true, key + ".allow");
        }

        foreach (var name in deny)
        {
            Set(name, false, key + ".deny");
        }

        _anyService = allow.Contains("Service-Type", StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether an attribute of an answer of this kind goes on. What depends on whose name it tells is the caller's to judge.</summary>
    public bool Passes(RadiusCode code, RadiusAttribute attribute) => attribute.Type switch
    {
        // RFC 2865 section 5.44, RFC 3579 section 3.3: who is rejected is told why, and nothing else.
        _ when code == RadiusCode.AccessReject && attribute.Type is not (RadiusType.ReplyMessage or RadiusType.EapMessage or RadiusType.ErrorCause or RadiusType.VendorSpecific) => false,
        RadiusType.VendorSpecific => PassesVendor(attribute.Value),

        // A login to the access server itself is for its own operators.
        RadiusType.ServiceType => _types[RadiusType.ServiceType] && (_anyService || (attribute.Value.Length == 4 && BinaryPrimitives.ReadUInt32BigEndian(attribute.Value) == Framed)),

        // Ours says whose line a session is; a home server does not say that.
        RadiusType.Class => _types[RadiusType.Class] && LineClass.Read(attribute.Value) is null,
        _ => _types[attribute.Type],
    };

    // All that stand in one attribute pass, or it does not.
    private bool PassesVendor(ReadOnlySpan<byte> value)
    {
        if (value.Length < 4)
        {
            return false;
        }

        var vendor = BinaryPrimitives.ReadUInt32BigEndian(value);
        if (_vendors.Contains(vendor))
        {
            return true;
        }

        for (value = value[4..]; !value.IsEmpty; value = value[value[1]..])
        {
            if (value.Length < 2 || value[1] < 2 || value[1] > value.Length || !_ofVendors.Contains((vendor, value[0])))
            {
                return false;
            }
        }

        return true;
    }

    private void Set(string name, bool passes, string key)
    {
        if (RadiusDictionary.Standard.Vendors.FirstOrDefault(vendor => string.Equals(vendor.Name, name, StringComparison.OrdinalIgnoreCase)) is { } whole)
        {
            _ = passes ? _vendors.Add(whole.Number) : _vendors.Remove(whole.Number);
            _ofVendors.RemoveWhere(each => !passes && each.Vendor == whole.Number);
            return;
        }

        var numbers = RadiusDictionary.Standard.ByName(name)?.Oid.Split('.') ?? [];
        if (numbers.Length == 1)
        {
            _types[byte.Parse(numbers[0], CultureInfo.InvariantCulture)] = passes;
        }
        else if (numbers is ["26", var vendor, var type] && byte.TryParse(type, CultureInfo.InvariantCulture, out var number))
        {
            var one = (uint.Parse(vendor, CultureInfo.InvariantCulture), number);
            _ = passes ? _ofVendors.Add(one) : _ofVendors.Remove(one);
        }
        else
        {
            throw new InvalidOperationException($"{key}: \"{name}\" is no attribute or vendor of the dictionary that can be told apart here");
        }
    }
}
