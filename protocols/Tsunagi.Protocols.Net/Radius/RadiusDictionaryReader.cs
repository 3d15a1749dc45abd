using System.Collections.Frozen;
using System.Globalization;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>Something a dictionary file says that could not be used.</summary>
/// <param name="File">The file as it was named.</param>
/// <param name="Line">Counted from 1.</param>
/// <param name="Reason">What was read and what is wrong with it.</param>
public sealed record RadiusDictionaryProblem(string File, int Line, string Reason);

/// <summary>
/// Reads dictionary files in the form that FreeRADIUS keeps them in. Files are texts: the caller opens them, and also those that a file includes. A line that cannot be used is
/// told in <see cref="Problems"/> and left out; the rest counts. A later line overrides an earlier one of the same numbers; the earlier name is still found.
/// </summary>
public sealed class RadiusDictionaryReader
{
    private const int MostEntries = 200_000;
    private const int DeepestInclude = 16;
    private const int MostProblems = 1_000;

    private readonly Dictionary<string, RadiusAttributeDefinition> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, RadiusAttributeDefinition> _byOid = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, RadiusVendor> _vendors = [];
    private readonly Dictionary<string, RadiusVendor> _vendorsByName = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Attribute, string Name, long Number, string File, int Line)> _values = [];
    private readonly List<RadiusDictionaryProblem> _problems = [];
    private readonly HashSet<string> _including = new(StringComparer.Ordinal);

    private int _entries;

    /// <summary>What could not be used so far; complete after <see cref="Build"/>. At most 1,000.</summary>
    public IReadOnlyList<RadiusDictionaryProblem> Problems => _problems;

    /// <summary>Reads one file.</summary>
    /// <param name="file">Its name, for problems and for <paramref name="include"/>.</param>
    /// <param name="text">What it holds.</param>
    /// <param name="include">Gives the text of a file that another includes (first the including file's name, then what stands behind $INCLUDE); null when it is not there.</param>
    public void Add(string file, string text, Func<string, string, (string File, string Text)?>? include = null)
    {
        if (!_including.Add(file) || _including.Count > DeepestInclude)
        {
            _including.Remove(file);
            Problem(file, 0, "$INCLUDE: a file includes itself, or files lie too deep in each other");
            return;
        }

        var scope = new Scope(file);
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            scope.Line++;
            ReadOnlySpan<char> line = raw;
            int comment = line.IndexOf('#');
            string[] words = (comment >= 0 ? line[..comment] : line).ToString().Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0)
            {
                Read(scope, words, include);
            }
        }

        if (scope.Vendor is not null || scope.Tlvs.Count > 0)
        {
            Problem(file, scope.Line, "the file ends within BEGIN-VENDOR or BEGIN-TLV");
        }

        _including.Remove(file);
    }

    /// <summary>The dictionary of all files read so far.</summary>
    public RadiusDictionary Build()
    {
        var names = new Dictionary<RadiusAttributeDefinition, (Dictionary<long, string> Names, Dictionary<string, long> Numbers)>();
        foreach ((string attribute, string name, long number, string file, int line) in _values)
        {
            if (!_byName.TryGetValue(attribute, out RadiusAttributeDefinition? definition))
            {
                Problem(file, line, $"VALUE: there is no attribute {attribute}");
                continue;
            }

            if (!names.TryGetValue(definition, out (Dictionary<long, string> Names, Dictionary<string, long> Numbers) both))
            {
                names.Add(definition, both = ([], new(StringComparer.OrdinalIgnoreCase)));
            }

            both.Names[number] = name;
            both.Numbers[name] = number;
        }

        foreach ((RadiusAttributeDefinition definition, (Dictionary<long, string> Names, Dictionary<string, long> Numbers) both) in names)
        {
            definition.ValueNames = both.Names.ToFrozenDictionary();
            definition.ValueNumbers = both.Numbers.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        }

        return new RadiusDictionary(_byName, _byOid, _vendors);
    }

    private void Read(Scope scope, string[] words, Func<string, string, (string File, string Text)?>? include)
    {
        if (++_entries > MostEntries)
        {
            Problem(scope.File, scope.Line, "more lines than the limit");
            return;
        }

        switch (words[0].ToUpperInvariant())
        {
            // ATTRIBUTE name number[.number…] type[[octets]] [flag[,flag…]]…
            case "ATTRIBUTE" when words.Length >= 4:
                ReadAttribute(scope, words);
                break;

            // VALUE attribute name number
            case "VALUE" when words.Length >= 4 && TryNumber(words[3], out long number):
                _values.Add((words[1], words[2], number, scope.File, scope.Line));
                break;

            // VENDOR name number [format=type,length[,c]]
            case "VENDOR" when words.Length >= 3 && TryNumber(words[2], out long vendor) && vendor is > 0 and <= uint.MaxValue:
                ReadVendor(scope, words, (uint)vendor);
                break;

            // BEGIN-VENDOR name [format=attribute | parent=attribute]
            case "BEGIN-VENDOR" when words.Length >= 2:
                BeginVendor(scope, words);
                break;
            case "END-VENDOR":
                scope.Vendor = null;
                scope.Prefix = "";
                break;
            case "BEGIN-TLV" when words.Length >= 2:
                BeginTlv(scope, words[1]);
                break;
            case "END-TLV" when scope.Tlvs.Count > 0:
                scope.Prefix = scope.Tlvs.Pop();
                break;

            // $INCLUDE file; with a "-" behind it the file may be missing
            case "$INCLUDE" or "$INCLUDE-" when words.Length >= 2:
                Include(scope, words[0].Length > "$INCLUDE".Length, words[1], include);
                break;
            default:
                Problem(scope.File, scope.Line, $"{words[0]}: not understood");
                break;
        }
    }

    private void Include(Scope scope, bool isOptional, string name, Func<string, string, (string File, string Text)?>? include)
    {
        if (include?.Invoke(scope.File, name) is { } found)
        {
            Add(found.File, found.Text, include);
        }
        else if (!isOptional)
        {
            Problem(scope.File, scope.Line, $"$INCLUDE: {name} is not there");
        }
    }

    private void ReadVendor(Scope scope, string[] words, uint number)
    {
        var vendor = new RadiusVendor(words[1], number);
        if (words.Length > 3)
        {
            string[] form = words[3].StartsWith("format=", StringComparison.OrdinalIgnoreCase) ? words[3]["format=".Length..].Split(',') : [];
            if (form.Length is < 2 or > 3 || form[0] is not ("1" or "2" or "4") || form[1] is not ("0" or "1" or "2") || (form.Length == 3 && form[2] != "c"))
            {
                Problem(scope.File, scope.Line, $"VENDOR: {words[3]} is no format");
                return;
            }

            vendor = vendor with { TypeOctets = form[0][0] - '0', LengthOctets = form[1][0] - '0', HasContinuation = form.Length == 3 };
        }

        // Several files may name the same vendor; one that states a format wins over one that does not.
        if (words.Length > 3 || !_vendors.ContainsKey(number))
        {
            _vendors[number] = vendor;
        }

        _vendorsByName[words[1]] = vendor;
    }

    private void BeginVendor(Scope scope, string[] words)
    {
        if (!_vendorsByName.TryGetValue(words[1], out RadiusVendor? vendor))
        {
            Problem(scope.File, scope.Line, $"BEGIN-VENDOR: there is no vendor {words[1]}");
            return;
        }

        string number = vendor.Number.ToString(CultureInfo.InvariantCulture);
        string? parent = words.Length > 2 ? words[2][(words[2].IndexOf('=') + 1)..] : null;
        if (parent is not null && (!_byName.TryGetValue(parent, out RadiusAttributeDefinition? outer) || outer.Type != RadiusValueType.ExtendedVendorSpecific))
        {
            Problem(scope.File, scope.Line, $"BEGIN-VENDOR: {words[2]} is no attribute of type evs");
            return;
        }

        scope.Vendor = vendor;
        scope.Prefix = (parent is null ? "26" : _byName[parent].Oid) + "." + number + ".";
    }

    private void BeginTlv(Scope scope, string name)
    {
        if (!_byName.TryGetValue(name, out RadiusAttributeDefinition? outer) || outer.Type != RadiusValueType.Tlv)
        {
            Problem(scope.File, scope.Line, $"BEGIN-TLV: {name} is no attribute of type tlv");
            outer = null;
        }

        scope.Tlvs.Push(scope.Prefix);
        scope.Prefix = outer is null ? scope.Prefix : outer.Oid + ".";
    }

    private void ReadAttribute(Scope scope, string[] words)
    {
        string prefix = scope.Prefix;
        if (!TryPath(words[2], out string path) || !TryType(words[3], out RadiusValueType type, out int? octets))
        {
            Problem(scope.File, scope.Line, $"ATTRIBUTE {words[1]}: {words[2]} {words[3]} is no number and type");
            return;
        }

        bool hasTag = false, isConcatenated = false, isArray = false;
        var encryption = RadiusEncryption.None;
        foreach (string flag in words.Skip(4).SelectMany(static word => word.Split(',', StringSplitOptions.RemoveEmptyEntries)))
        {
            switch (flag.ToLowerInvariant())
            {
                case "has_tag":
                    hasTag = true;
                    break;
                case "concat":
                    isConcatenated = true;
                    break;
                case "array":
                    isArray = true;
                    break;
                case "encrypt=1" or "encrypt=2" or "encrypt=3":
                    encryption = (RadiusEncryption)(flag[^1] - '0');
                    break;
                case "encrypt=user-password" or "encrypt=tunnel-password" or "encrypt=ascend-secret":
                    encryption = flag[8] is 'u' or 'U' ? RadiusEncryption.UserPassword : flag[8] is 't' or 'T' ? RadiusEncryption.Salted : RadiusEncryption.Ascend;
                    break;
                case "virtual" or "secret" or "internal":
                    break;
                default:
                    if (scope.Vendor is null && _vendorsByName.TryGetValue(flag, out RadiusVendor? vendor))
                    {
                        // The old form: the vendor's name behind the type.
                        prefix = string.Create(CultureInfo.InvariantCulture, $"26.{vendor.Number}.");
                        break;
                    }

                    Problem(scope.File, scope.Line, $"ATTRIBUTE {words[1]}: {flag} is no flag");
                    return;
            }
        }

        var definition = new RadiusAttributeDefinition(words[1], prefix + path, type)
        {
            FixedOctets = octets, HasTag = hasTag, IsConcatenated = isConcatenated, IsArray = isArray, Encryption = encryption,
        };
        _byName[definition.Name] = definition;
        _byOid[definition.Oid] = definition;
    }

    private static bool TryPath(string text, out string path)
    {
        string[] parts = text.Split('.');
        path = "";
        var numbers = new string[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!TryNumber(parts[i], out long number) || number is < 0 or > uint.MaxValue)
            {
                return false;
            }

            numbers[i] = number.ToString(CultureInfo.InvariantCulture);
        }

        path = string.Join('.', numbers);
        return true;
    }

    private static bool TryNumber(string text, out long number) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static bool TryType(string text, out RadiusValueType type, out int? octets)
    {
        octets = null;
        int bracket = text.IndexOf('[', StringComparison.Ordinal);
        if (bracket > 0)
        {
            if (!text.EndsWith(']') || !int.TryParse(text.AsSpan(bracket + 1, text.Length - bracket - 2), NumberStyles.None, CultureInfo.InvariantCulture, out int fixedOctets))
            {
                type = default;
                return false;
            }

            octets = fixedOctets;
            text = text[..bracket];
        }

        RadiusValueType? found = text.ToLowerInvariant() switch
        {
            "string" or "text" => RadiusValueType.Text,
            "octets" or "abinary" => RadiusValueType.Octets,
            "byte" or "uint8" => RadiusValueType.Byte,
            "short" or "uint16" => RadiusValueType.Short,
            "integer" or "uint32" => RadiusValueType.Integer,
            "integer64" or "uint64" => RadiusValueType.Integer64,
            "signed" or "int32" => RadiusValueType.Signed,
            "date" => RadiusValueType.Date,
            "ipaddr" or "ipv4addr" => RadiusValueType.IPv4Address,
            "ipv6addr" => RadiusValueType.IPv6Address,
            "ipv4prefix" => RadiusValueType.IPv4Prefix,
            "ipv6prefix" => RadiusValueType.IPv6Prefix,
            "combo-ip" => RadiusValueType.AnyAddress,
            "ifid" => RadiusValueType.InterfaceId,
            "ether" => RadiusValueType.Ethernet,
            "tlv" => RadiusValueType.Tlv,
            "vsa" => RadiusValueType.VendorSpecific,
            "extended" => RadiusValueType.Extended,
            "long-extended" => RadiusValueType.LongExtended,
            "evs" => RadiusValueType.ExtendedVendorSpecific,
            _ => null,
        };
        type = found ?? default;
        return found is not null;
    }

    private void Problem(string file, int line, string reason)
    {
        if (_problems.Count < MostProblems)
        {
            _problems.Add(new RadiusDictionaryProblem(file, line, reason));
        }
    }

    private sealed class Scope(string file)
    {
        public string File => file;

        public int Line { get; set; }

        public RadiusVendor? Vendor { get; set; }

        /// <summary>What the numbers of this scope stand behind: "", "26.9.", "26.24757.1.".</summary>
        public string Prefix { get; set; } = "";

        public Stack<string> Tlvs { get; } = [];
    }
}
