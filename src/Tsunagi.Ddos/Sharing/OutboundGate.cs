using System.Collections.Frozen;
using Tsunagi.Protocols.Flow.Stix;

namespace Tsunagi.Ddos.Sharing;

/// <summary>
/// What may go out. Whatever writes to a peer or answers one takes <see cref="Released"/>, which nothing but its own gate makes: (1) each object's level is the highest of what its
/// markings say, of itself and of its parts; one without a TLP marking is amber; a marking that is neither TLP nor there to be read holds it back; (2) a level holds for everything that refers to the object,
/// over any number of steps; (3) what is above the group's is held back, and RED is above every group's.
/// </summary>
internal static class OutboundGate
{
    /// <summary>What nobody can say the level of.</summary>
    public const int Unknown = 5;

    /// <summary>The level of objects that say none: what FIRST calls unmarked is not for everybody.</summary>
    private const int Unmarked = (int)Tlp.Amber;

    // These say nothing of an incident: markings, and the words that pages and extensions are made of.
    private static readonly FrozenSet<string> Plain = new[] { StixTypes.MarkingDefinition, "extension-definition" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The highest level that may go to a group.</summary>
    public static Tlp Most(Audience audience) => audience switch
    {
        Audience.Own => Tlp.AmberStrict,
        Audience.Listed => Tlp.Amber,
        Audience.Community => Tlp.Green,
        _ => Tlp.Clear,
    };

    /// <summary>The level of each: 0 to 4 as <see cref="Tlp"/>, or <see cref="Unknown"/>.</summary>
    public static IReadOnlyDictionary<StixId, int> Levels(IReadOnlyList<StixObject> objects, IReadOnlyDictionary<StixId, int>? known = null)
    {
        var definitions = objects.Where(static each => each.Type == StixTypes.MarkingDefinition).ToLookup(static each => each.Id);
        var levels = new Dictionary<StixId, int>();
        var referredBy = new Dictionary<StixId, List<(StixId Who, bool AsMaker)>>();
        foreach (var each in objects)
        {
            var own = Math.Max(Own(each, definitions), known?.GetValueOrDefault(each.Id) ?? 0);

            // Several versions of one object: the highest counts for all.
            levels[each.Id] = Math.Max(own, levels.GetValueOrDefault(each.Id));
            foreach (var reference in each.References)
            {
                (referredBy.TryGetValue(reference, out var who) ? who : referredBy[reference] = []).Add((each.Id, reference == each.CreatedBy));
            }
        }

        // (2) From the highest down, so each object is raised once.
        foreach (var level in Enumerable.Range(1, Unknown).Reverse())
        {
            var open = new Stack<StixId>(levels.Where(each => each.Value == level).Select(static each => each.Key));
            while (open.TryPop(out var raised))
            {
                foreach (var (who, asMaker) in referredBy.GetValueOrDefault(raised) ?? [])
                {
                    // That an object was made by somebody says nothing of it, unless nobody may know of him.
                    if (levels[who] < level && (!asMaker || level >= (int)Tlp.Red))
                    {
                        levels[who] = level;
                        open.Push(who);
                    }
                }
            }
        }

        return levels;
    }

    // (1)
    private static int Own(StixObject each, ILookup<StixId, StixObject> definitions)
    {
        int? level = null;
        foreach (var marking in each.Markings)
        {
            var said = TlpMarkings.OfId(marking);
            foreach (var definition in definitions[marking])
            {
                said = TlpMarkings.OfDefinition(definition) is { } other && !(said > other) ? other : said;
            }

            if (said is null && !definitions.Contains(marking))
            {
                return Unknown;
            }

            level = said is { } one ? Math.Max((int)one, level ?? 0) : level;
        }

        return level ?? (Plain.Contains(each.Type) ? 0 : Unmarked);
    }
}

/// <summary>Objects that may go out to one group. The gate below is the only way to one.</summary>
internal sealed class Released
{
    private Released(IReadOnlyList<StixObject> objects, IReadOnlyList<WithheldObject> withheld)
    {
        Objects = objects;
        Withheld = withheld;
    }

    public IReadOnlyList<StixObject> Objects { get; }

    public IReadOnlyList<WithheldObject> Withheld { get; }

    /// <summary>(3) Lets through what may go to the group.</summary>
    /// <param name="known">Levels that were found out earlier, when more objects were at hand; they only add.</param>
    public static Released Through(IReadOnlyList<StixObject> objects, Audience audience, IReadOnlyDictionary<StixId, int>? known = null)
    {
        var levels = OutboundGate.Levels(objects, known);
        var most = Math.Min((int)OutboundGate.Most(audience), (int)Tlp.Red - 1);
        return new Released(
            [.. objects.Where(each => levels[each.Id] <= most)],
            [.. objects.Where(each => levels[each.Id] > most).Select(each => new WithheldObject(each.Id.ToString(), levels[each.Id]))]);
    }
}

/// <summary>An object that stays here.</summary>
/// <param name="Level">0 to 4 as <see cref="Tlp"/>; 5 when nobody can say.</param>
internal sealed record WithheldObject(string Id, int Level)
{
    public string Why => Level switch
    {
        (int)Tlp.Red => "TLP:RED never leaves",
        OutboundGate.Unknown => "it carries a marking that nobody here can read",
        _ => $"TLP:{TlpMarkings.WordOf((Tlp)Level).ToUpperInvariant()} may not go to this group",
    };
}
