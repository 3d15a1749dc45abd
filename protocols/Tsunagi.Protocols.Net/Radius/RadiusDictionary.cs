using System.Collections.Frozen;
using System.Globalization;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>Names, types and values of attributes. Immutable; made by a <see cref="RadiusDictionaryReader"/> from dictionary files.</summary>
public sealed class RadiusDictionary
{
    private static readonly Lazy<RadiusDictionary> _standard = new(static () =>
    {
        var reader = new RadiusDictionaryReader();
        reader.Add("standard", StandardDictionary.Text);
        return reader.Build();
    });

    private readonly FrozenDictionary<string, RadiusAttributeDefinition> _byName;
    private readonly FrozenDictionary<string, RadiusAttributeDefinition> _byOid;
    private readonly FrozenDictionary<uint, RadiusVendor> _vendors;

    internal RadiusDictionary(Dictionary<string, RadiusAttributeDefinition> byName, Dictionary<string, RadiusAttributeDefinition> byOid, Dictionary<uint, RadiusVendor> vendors)
    {
        _byName = byName.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _byOid = byOid.ToFrozenDictionary(StringComparer.Ordinal);
        _vendors = vendors.ToFrozenDictionary();
    }

    /// <summary>The attributes of the RFCs and those of a few vendors that providers meet everywhere; no file is needed for it.</summary>
    public static RadiusDictionary Standard => _standard.Value;

    /// <summary>All attributes, one for each numbers.</summary>
    public IReadOnlyCollection<RadiusAttributeDefinition> Attributes => _byOid.Values;

    /// <summary>All vendors.</summary>
    public IReadOnlyCollection<RadiusVendor> Vendors => _vendors.Values;

    /// <summary>An attribute by its name, without regard to case; null when it is not known.</summary>
    public RadiusAttributeDefinition? ByName(string name) => _byName.GetValueOrDefault(name);

    /// <summary>An attribute by its numbers ("26.9.1"); null when it is not known.</summary>
    public RadiusAttributeDefinition? ByOid(string oid) => _byOid.GetValueOrDefault(oid);

    /// <summary>A standard attribute by its number; null when it is not known.</summary>
    public RadiusAttributeDefinition? ByType(byte type) => ByOid(type.ToString(CultureInfo.InvariantCulture));

    /// <summary>A vendor by its number; null when it is not known, and then one octet of type and one of length are supposed.</summary>
    public RadiusVendor? Vendor(uint number) => _vendors.GetValueOrDefault(number);
}
