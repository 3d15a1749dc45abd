using System.Collections.Frozen;

namespace Tsunagi.Protocols.Flow.Ipfix;

/// <summary>Names and types of information elements: IANA's registry of IPFIX, and what vendors add.</summary>
public static partial class InformationElements
{
    /// <summary>Stands in <see cref="TemplateField.Enterprise"/> for a scope of NetFlow v9, whose types are no elements (RFC 3954 section 6.1).</summary>
    public const uint NetFlow9Scope = uint.MaxValue;

    /// <summary>RFC 5103: an element under this enterprise number counts the way back.</summary>
    public const uint Reverse = 29305;

    private static readonly FrozenDictionary<(uint Enterprise, ushort Id), InformationElement> Known = ReadAll();
    private static readonly FrozenDictionary<string, InformationElement> ByName = Known.Values.Where(e => e is { Enterprise: 0, Id: < 32768 }).ToFrozenDictionary(e => e.Name, StringComparer.Ordinal);

    /// <summary>All that are known.</summary>
    public static IReadOnlyCollection<InformationElement> All => Known.Values;

    /// <summary>The element of a field; null when it is not known.</summary>
    public static InformationElement? Find(TemplateField field) => Find(field.Id, field.Enterprise);

    /// <summary>The element of a number; null when it is not known.</summary>
    public static InformationElement? Find(ushort id, uint enterprise = 0)
    {
        if (Known.TryGetValue((enterprise, id), out InformationElement? element))
        {
            return element;
        }

        // RFC 5103 section 6.1: "reverse", and the name with its first letter in upper case.
        return enterprise == Reverse && Known.TryGetValue((0, id), out InformationElement? forward)
            ? new InformationElement(id, Reverse, $"reverse{char.ToUpperInvariant(forward.Name[0])}{forward.Name[1..]}", forward.Type)
            : null;
    }

    /// <summary>The element of IANA's registry of a name; null when there is none.</summary>
    public static InformationElement? Find(string name) => ByName.GetValueOrDefault(name);

    private static FrozenDictionary<(uint Enterprise, ushort Id), InformationElement> ReadAll()
    {
        var elements = new Dictionary<(uint, ushort), InformationElement>();
        uint enterprise = 0;
        foreach (string line in Registry.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ');
            if (words[0] == "enterprise")
            {
                enterprise = words[1] == "netflow9-scope" ? NetFlow9Scope : uint.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture);
                continue;
            }

            ushort id = ushort.Parse(words[0], System.Globalization.CultureInfo.InvariantCulture);
            elements.Add((enterprise, id), new InformationElement(id, enterprise, words[1], TypeOf(words[2])));
        }

        return elements.ToFrozenDictionary();
    }

    private static ElementType TypeOf(string word) => word switch
    {
        "u" => ElementType.Unsigned,
        "i" => ElementType.Signed,
        "f" => ElementType.Float,
        "b" => ElementType.Boolean,
        "mac" => ElementType.MacAddress,
        "s" => ElementType.String,
        "ts" => ElementType.Seconds,
        "tms" => ElementType.Milliseconds,
        "tus" => ElementType.Microseconds,
        "tns" => ElementType.Nanoseconds,
        "ip4" => ElementType.IPv4Address,
        "ip6" => ElementType.IPv6Address,
        "list" => ElementType.BasicList,
        "stl" => ElementType.SubTemplateList,
        "stml" => ElementType.SubTemplateMultiList,
        _ => ElementType.OctetArray,
    };
}
