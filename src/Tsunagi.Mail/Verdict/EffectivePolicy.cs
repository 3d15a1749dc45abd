using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Classifier;
using Tsunagi.Mail.Checks.Client;
using Tsunagi.Mail.Limits;
using Tsunagi.Mail.Pending;

namespace Tsunagi.Mail.Verdict;

/// <summary>
/// What holds for one recipient: each field said, and by whom. Immutable: a narrower scope's word lies over the wider one and is looked through where it says
/// nothing, so that making one for a recipient costs an object and no table.
/// </summary>
internal sealed class EffectivePolicy
{
    private const string BuiltInName = "";

    private readonly EffectivePolicy? _wider;
    private readonly IReadOnlyDictionary<string, PolicyAction>? _actions;
    private readonly IReadOnlyDictionary<string, bool>? _checks;
    private readonly string _by;

    private EffectivePolicy(EffectivePolicy? wider, FilterPolicy said, string by)
    {
        (_wider, _by, _actions, _checks) = (wider, by, said.Actions, said.Checks);
        Enabled = said.Enabled ?? wider!.Enabled;
        (TagOnly, TagOnlyBy) = said.TagOnly is { } tagOnly ? (tagOnly, by) : (wider!.TagOnly, wider.TagOnlyBy);
        Shadow = said.Shadow ?? wider?.Shadow ?? false;
        TagPoints = said.TagPoints ?? wider!.TagPoints;
        QuarantinePoints = said.QuarantinePoints ?? wider!.QuarantinePoints;
        RejectPoints = said.RejectPoints ?? wider!.RejectPoints;
        ClassifierPoints = said.ClassifierPoints ?? wider!.ClassifierPoints;
        Greylist = said.Greylist ?? wider?.Greylist ?? false;
        Lists = said.BlockLists is { } lists ? BlockList.Over(lists, wider?.Lists ?? []) : wider?.Lists ?? [];
        Sending = said.Sending is { } sending && wider is not null ? sending.Over(wider.Sending) : said.Sending ?? wider!.Sending;
        Pending = said.Pending is { } pending && wider is not null ? pending.Over(wider.Pending) : said.Pending ?? wider!.Pending;
    }

    /// <summary>What holds where nobody says anything: everything is checked, nothing is done but tagging.</summary>
    public static EffectivePolicy BuiltIn { get; } = new(
        null,
        new FilterPolicy
        {
            Enabled = true,
            TagOnly = true,
            TagPoints = 10,
            QuarantinePoints = 50,
            RejectPoints = 0,
            ClassifierPoints = 10,
            Sending = SendingPolicy.BuiltIn,
            Pending = PendingPolicy.BuiltIn,
            Actions = EvidenceCatalogue.All.ToDictionary(static code => code.Code, static code => code.Action, StringComparer.Ordinal),
        },
        BuiltInName);

    public bool Enabled { get; }

    public bool TagOnly { get; }

    /// <summary>Which scope said so; empty for the built-in one.</summary>
    public string TagOnlyBy { get; }

    /// <summary>Nothing is done at all.</summary>
    public bool Shadow { get; }

    public int TagPoints { get; }

    public int QuarantinePoints { get; }

    public int RejectPoints { get; }

    public int ClassifierPoints { get; }

    /// <summary>Senders that are not known are put off once.</summary>
    public bool Greylist { get; }

    /// <summary>The block lists that are asked.</summary>
    public IReadOnlyList<BlockList> Lists { get; }

    /// <summary>How much is sent; says everything.</summary>
    public SendingPolicy Sending { get; }

    /// <summary>How long what is sent waits before it leaves; says everything.</summary>
    public PendingPolicy Pending { get; }

    public bool Wants(string check) => Enabled && IsOn(check);

    /// <summary>What is done about a code, and which scope said so (empty: the built-in one).</summary>
    public (PolicyAction Action, string By) ActionOn(string code)
    {
        for (var policy = this; policy is not null; policy = policy._wider)
        {
            if (policy._actions is { } actions && actions.TryGetValue(code, out var action))
            {
                return (action, policy._by);
            }
        }

        return (PolicyAction.Accept, BuiltInName);
    }

    /// <summary>What a code is worth: for all but the classifier's and the block lists' what the catalogue says.</summary>
    public int PointsOf(EvidenceCode code, Evidence evidence) => code.Code switch
    {
        ClientCheck.Listed => ListWord.PointsOf(this, evidence),
        ClassifierCheck.SureSpam => 3 * ClassifierPoints,
        ClassifierCheck.Spam => ClassifierPoints,
        ClassifierCheck.Suspect => ClassifierPoints / 2,
        _ => code.Points,
    };

    /// <summary>A narrower scope's word over this.</summary>
    /// <param name="by">Its name for the why page: "domain one.example".</param>
    public EffectivePolicy With(FilterPolicy narrower, string by) => new(this, narrower, by);

    /// <summary>All of it, as a policy that says everything.</summary>
    public FilterPolicy ToPolicy() => new()
    {
        Enabled = Enabled,
        TagOnly = TagOnly,
        Shadow = Shadow,
        Checks = EvidenceCatalogue.Checks.ToDictionary(static check => check, IsOn, StringComparer.Ordinal),
        Actions = EvidenceCatalogue.All.Where(static code => !code.IsNote).ToDictionary(static code => code.Code, code => ActionOn(code.Code).Action, StringComparer.Ordinal),
        TagPoints = TagPoints,
        QuarantinePoints = QuarantinePoints,
        RejectPoints = RejectPoints,
        ClassifierPoints = ClassifierPoints,
        Greylist = Greylist,
        BlockLists = Lists,
        Sending = Sending,
        Pending = Pending,
    };

    private bool IsOn(string check)
    {
        for (var policy = this; policy is not null; policy = policy._wider)
        {
            if (policy._checks is { } checks && checks.TryGetValue(check, out var on))
            {
                return on;
            }
        }

        return true;
    }
}
