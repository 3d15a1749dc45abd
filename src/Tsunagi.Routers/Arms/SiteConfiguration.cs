using System.Text;
using Tsunagi.Core.Outcomes;
using Tsunagi.Protocols.Cpe.Arms;

namespace Tsunagi.Routers.Arms;

/// <summary>What a site's box is given when it pulls: modules with their texts, and the lines by which it reaches the resource server, tried in order. It belongs to the site, whatever box stands there.</summary>
internal sealed record SiteConfiguration(IReadOnlyList<ConfigurationModule> Modules, IReadOnlyList<LocationLine> Lines)
{
    public const int MostLines = 5;

    /// <summary>Octets of the description of a line, of which a box has to keep one beside the authority's certificate.</summary>
    public const int LongestLine = 440;

    private const int LongestValue = 64;

    /// <summary>Where a site says nothing: the first interface, by DHCP.</summary>
    public static readonly LocationLine DefaultLine = new("line-dhcp", [KeyValuePair.Create("ifindex", "0")]);

    public long Octets => Modules.Sum(static module => (long)module.Content.Length);

    /// <summary>Null when it can be given to a router.</summary>
    public Refusal? Check(ArmsOptions options)
    {
        if (Modules.Count == 0 || Modules.Count > options.MaxModules)
        {
            return Refusal.Invalid("routers.configuration.modules", "modules", $"there are {Modules.Count} modules", $"1 to {options.MaxModules}");
        }

        for (var i = 0; i < Modules.Count; i++)
        {
            if (Modules[i].WhyNot() is { } whyNot)
            {
                return Refusal.Invalid("routers.configuration.module", $"modules[{i}]", $"module {Modules[i].Id}: {whyNot}");
            }
        }

        return Modules.DistinctBy(static module => module.Id).Count() < Modules.Count ? Refusal.Invalid("routers.configuration.twice", "modules", "two modules have the same id", "each id once")
            : Octets > options.MaxConfigurationOctets ? Refusal.Invalid("routers.configuration.octets", "modules", $"the modules have {Octets} octets together", $"at most {options.MaxConfigurationOctets}")
            : CheckLines();
    }

    private Refusal? CheckLines()
    {
        if (Lines.Count > MostLines)
        {
            return Refusal.Invalid("routers.configuration.lines", "lines", $"there are {Lines.Count} lines", $"at most {MostLines}");
        }

        for (var i = 0; i < Lines.Count; i++)
        {
            if (new LocationConfig(Lines[i], "").Write() is { Length: > LongestLine } text)
            {
                return Refusal.Invalid("routers.configuration.line", $"lines[{i}]", $"the line is described in {text.Length} characters", $"at most {LongestLine}: boxes have room for no more");
            }

            if (!LocationLine.Types.Contains(Lines[i].Type) || !Lines[i].Parameters.All(static p => LocationLine.Names.Contains(p.Key) && IsValue(p.Value)))
            {
                return Refusal.Invalid(
                    "routers.configuration.line", $"lines[{i}]", "the line is none that routers know",
                    $"{string.Join(", ", LocationLine.Types)} with {string.Join(", ", LocationLine.Names)}; values of 1 to {LongestValue} printable characters without ; {{ or }}");
            }
        }

        return null;
    }

    private static bool IsValue(string value) => value.Length is > 0 and <= LongestValue && value.All(static c => c is > ' ' and < (char)127 and not (';' or '{' or '}'));
}

/// <summary>A module of a configuration.</summary>
/// <param name="Version">As the model wants it ("1").</param>
/// <param name="Info">Where the module comes from, as the model wants it ("main").</param>
/// <param name="CommitOrder">In which order modules are committed; null says nothing.</param>
/// <param name="Text">The configuration; null when it is <paramref name="Base64"/>.</param>
internal sealed record ConfigurationModule(long Id, string Version, string Info, int? CommitOrder, string? Text, string? Base64)
{
    private const int LongestName = 256;

    public byte[] Content => Text is { } text ? Encoding.UTF8.GetBytes(text) : Convert.FromBase64String(Base64 ?? "");

    public string? WhyNot() =>
        Id is < 0 or > uint.MaxValue ? "its id is not within 0 to 4294967295"
        : !IsName(Version) || Version.Length == 0 ? $"its version is not of 1 to {LongestName} printable characters of ASCII"
        : !IsName(Info) ? $"its info is not of up to {LongestName} printable characters of ASCII"
        : CommitOrder is < 0 or > 65_535 ? "its commit order is not within 0 to 65535"
        : Text is null == Base64 is null ? "it has to have either text or base64"
        : Text is { } text && text.Any(static c => c < ' ' && c is not ('\n' or '\t' or '\r')) ? "its text holds control characters; give it as base64"
        : Base64 is { } octets && !IsBase64(octets) ? "its base64 is none"
        : null;

    private static bool IsName(string text) => text.Length <= LongestName && text.All(static c => c is >= ' ' and < (char)127);

    private static bool IsBase64(string text) => Convert.TryFromBase64String(text, new byte[text.Length], out _);
}
