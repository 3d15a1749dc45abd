using System.Collections.Frozen;
using Tsunagi.Mail.Checks;

namespace Tsunagi.Mail.Verdict;

/// <summary>What holds for one recipient: every field said, and by whom. Immutable; shared by all recipients for whom the same holds.</summary>
internal sealed class EffectivePolicy
{
    private const string BuiltInName = "";

    private readonly FrozenDictionary<string, (PolicyAction Action, string By)> _actions;
    private readonly FrozenSet<string> _checksOff;

    private EffectivePolicy(
        bool enabled, (bool On, string By) tagOnly, IReadOnlyDictionary<string, (PolicyAction, string)> actions, IEnumerable<string> checksOff, int tagPoints, int quarantinePoints, int rejectPoints)
    {
        Enabled = enabled;
        TagOnly = tagOnly.On;
        TagOnlyBy = tagOnly.By;
        _actions = actions.ToFrozenDictionary(StringComparer.Ordinal);
        _checksOff = checksOff.ToFrozenSet(StringComparer.Ordinal);
        (TagPoints, QuarantinePoints, RejectPoints) = (tagPoints, quarantinePoints, rejectPoints);
    }

    /// <summary>What holds where nobody says anything: everything is checked, nothing is done but tagging.</summary>
    public static EffectivePolicy BuiltIn { get; } = new(
        true, (true, BuiltInName), EvidenceCatalogue.All.ToDictionary(static code => code.Code, static code => (code.Action, BuiltInName), StringComparer.Ordinal), [], 10, 50, 0);

    public bool Enabled { get; }

    public bool TagOnly { get; }

    /// <summary>Which scope said so; empty for the built-in one.</summary>
    public string TagOnlyBy { get; }

    public int TagPoints { get; }

    public int QuarantinePoints { get; }

    public int RejectPoints { get; }

    public bool Wants(string check) => Enabled && !_checksOff.Contains(check);

    /// <summary>What is done about a code, and which scope said so (empty: the built-in one).</summary>
    public (PolicyAction Action, string By) ActionOn(string code) => _actions.GetValueOrDefault(code, (PolicyAction.Accept, BuiltInName));

    /// <summary>A narrower scope's word over this.</summary>
    /// <param name="by">Its name for the why page: "domain one.example".</param>
    public EffectivePolicy With(FilterPolicy narrower, string by)
    {
        var actions = new Dictionary<string, (PolicyAction, string)>(_actions, StringComparer.Ordinal);
        foreach (var (code, action) in narrower.Actions ?? new Dictionary<string, PolicyAction>())
        {
            actions[code] = (action, by);
        }

        var off = new HashSet<string>(_checksOff, StringComparer.Ordinal);
        foreach (var (check, on) in narrower.Checks ?? new Dictionary<string, bool>())
        {
            _ = on ? off.Remove(check) : off.Add(check);
        }

        return new EffectivePolicy(
            narrower.Enabled ?? Enabled, narrower.TagOnly is { } tagOnly ? (tagOnly, by) : (TagOnly, TagOnlyBy), actions, off,
            narrower.TagPoints ?? TagPoints, narrower.QuarantinePoints ?? QuarantinePoints, narrower.RejectPoints ?? RejectPoints);
    }

    /// <summary>All of it, as a policy that says everything.</summary>
    public FilterPolicy ToPolicy() => new()
    {
        Enabled = Enabled,
        TagOnly = TagOnly,
        Checks = EvidenceCatalogue.Checks.ToDictionary(static check => check, check => !_checksOff.Contains(check), StringComparer.Ordinal),
        Actions = EvidenceCatalogue.All.Where(static code => !code.IsNote).ToDictionary(static code => code.Code, code => ActionOn(code.Code).Action, StringComparer.Ordinal),
        TagPoints = TagPoints,
        QuarantinePoints = QuarantinePoints,
        RejectPoints = RejectPoints,
    };
}
