using System.Collections.Concurrent;
using System.Globalization;
using Tsunagi.Core.Modules;
using Tsunagi.Mail.Classify;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Teach;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Classify;

namespace Tsunagi.Mail.Checks.Classifier;

/// <summary>
/// What a message reads like, by a model trained with examples of both kinds, and the words that made it think so. What a message costs is bounded: no more than
/// <see cref="TokenLimits"/> is read, and the buffers are kept for the next message.
/// </summary>
internal sealed class ClassifierCheck(SharedModel shared, TenantModels? tenants = null) : ICheck
{
    public const string CheckName = "classifier";

    public const string Spam = "classifier.spam";
    public const string SureSpam = "classifier.sure-spam";
    public const string Suspect = "classifier.suspect";
    public const string Ham = "classifier.ham";

    /// <summary>Scores from which on it is said.</summary>
    internal const double SureFrom = 0.95, SpamFrom = 0.5, SuspectFrom = 0.25, HamBelow = 0.05;

    // Marks what a tenant's own model said, in the name of a value: "1.own.Subject".
    private const string Own = "own.";
    private const int Words = 6;
    private const int MaxKept = 64;

    // Like unwanted mail: what is said to the sender is the same for all.
    private static readonly LocalizedText Tells = new("It reads like unwanted mail. Write in your own words, with fewer links.", "迷惑メールに似た内容です。文面を改め、リンクを減らして送り直してください。");

    public static readonly IReadOnlyList<EvidenceCode> Codes =
    [
        new(SureSpam, new("It reads like unwanted mail, surely (score {0} of 100). What spoke for it: {1}.", "迷惑メールに酷似しています(スコア{0}/100)。根拠: {1}。"), Tells, 30, PolicyAction.Accept, HoldClass.Spam) { Tell = Tell },
        new(Spam, new("It reads like unwanted mail (score {0} of 100). What spoke for it: {1}.", "迷惑メールに似ています(スコア{0}/100)。根拠: {1}。"), Tells, 10, PolicyAction.Accept, HoldClass.Spam) { Tell = Tell },
        new(Suspect, new("It reads a little like unwanted mail (score {0} of 100). What spoke for it: {1}.", "迷惑メールにやや似ています(スコア{0}/100)。根拠: {1}。"), Tells, 5, PolicyAction.Accept, HoldClass.Spam) { Tell = Tell },
        new(Ham, new("It reads like wanted mail (score {0} of 100). What spoke for it: {1}.", "通常のメールに似ています(スコア{0}/100)。根拠: {1}。"), Tells, 0, PolicyAction.Accept, HoldClass.Spam) { IsNote = true, Tell = Tell },
        new(CheckName + ".unavailable", new("The text could not be judged: {0}.", "本文を判定できませんでした: {0}。"),
            new("The message could not be checked just now.", "現在メールを検査できません。"), 0, PolicyAction.Accept, HoldClass.Policy) { IsUnavailable = true },
    ];

    private readonly ConcurrentQueue<MessageTokens> _free = new();

    public string Name => CheckName;

    public bool IsSetUp => shared.IsSetUp;

    public ValueTask RunAsync(MessageUnderCheck message, ICollection<Evidence> evidence, CancellationToken cancellationToken)
    {
        // Nothing is said before somebody trained a model, or taught one.
        var model = shared.Current;
        var own = message.Tenants.Count == 0 || tenants is null ? [] : message.Tenants.Select(path => (Path: path, Model: tenants.Of(path))).Where(static one => one.Model is not null).ToList();
        if (model is null && own.Count == 0)
        {
            return default;
        }

        cancellationToken.ThrowIfCancellationRequested();
        var tokens = _free.TryDequeue(out var kept) ? kept : new MessageTokens();
        tokens.Read(message.Content.Span, message.Tree);
        if (model is not null)
        {
            evidence.Add(Say(MessageClassifier.Classify(tokens, model, null, Words)));
        }

        foreach (var (path, taught) in own)
        {
            message.OfTenants[path] = Say(tokens, model, taught!);
        }

        if (_free.Count < MaxKept)
        {
            _free.Enqueue(tokens);
        }

        return default;
    }

    /// <summary>What was found, as evidence: the score, and the features with where they stand ("1.Subject": "winner").</summary>
    internal static Evidence Say(Classification found)
    {
        var code = CodeOf(found.Score);
        var features = code == Ham ? found.ForHam : found.ForSpam;
        var values = new (string, string)[1 + features.Length];
        values[0] = ("score", Percent(found.Score));
        for (var i = 0; i < features.Length; i++)
        {
            values[i + 1] = (string.Create(CultureInfo.InvariantCulture, $"{i + 1}.{features[i].Feature.Kind}"), features[i].Feature.Text);
        }

        return Evidence.Of(code, values);
    }

    /// <summary>The same with what a tenant taught: the score of both together, that of the shared model by itself, and which features of which model spoke for it.</summary>
    internal static Evidence Say(MessageTokens tokens, LinearModel? model, TenantModel own)
    {
        var both = MessageClassifier.Classify(tokens, model, own);
        var code = CodeOf(both.Score);
        var (ofShared, ofOwn) = (model is null ? null : MessageClassifier.Classify(tokens, model, null, Words), MessageClassifier.Classify(tokens, null, own, Words));
        var values = new List<(string, string)> { ("score", Percent(both.Score)) };
        if (ofShared is not null)
        {
            values.Add(("alone", Percent(ofShared.Score)));
        }

        Add(code == Ham ? ofOwn.ForHam : ofOwn.ForSpam, Own);
        Add(ofShared is null ? [] : code == Ham ? ofShared.ForHam : ofShared.ForSpam, "");
        return Evidence.Of(code, [.. values]);

        void Add(IReadOnlyList<WeighedFeature> features, string mark)
        {
            for (var i = 0; i < features.Count; i++)
            {
                values.Add((string.Create(CultureInfo.InvariantCulture, $"{i + 1}.{mark}{features[i].Feature.Kind}"), features[i].Feature.Text));
            }
        }
    }

    /// <summary>A code that says what the message reads like; not that nobody could look.</summary>
    internal static bool IsVerdict(string code) => code is Spam or SureSpam or Suspect or Ham;

    private static string CodeOf(double score) => score >= SureFrom ? SureSpam : score >= SpamFrom ? Spam : score >= SuspectFrom ? Suspect : Ham;

    private static string Percent(double score) => (100 * score).ToString("0", CultureInfo.InvariantCulture);

    private static IReadOnlyList<LocalizedText> Tell(IReadOnlyList<EvidenceValue> values)
    {
        var alone = values.FirstOrDefault(static value => value.Name == "alone").Text;
        var own = ListOf(values.Where(static value => IsOwn(value.Name)));
        var others = ListOf(values.Where(static value => value.Name is not ("score" or "alone") && !IsOwn(value.Name)));
        var score = new LocalizedText(values[0].Text, values[0].Text);
        if (alone is null && own.En.Length == 0)
        {
            return [score, others];
        }

        // Two models were asked: who said what.
        var spoke = new List<LocalizedText>(2);
        if (own.En.Length > 0)
        {
            spoke.Add(new($"what was taught here: {own.En}", $"この組織で教えた内容: {own.Ja}"));
        }

        if (alone is not null)
        {
            spoke.Add(new(
                $"the shared model ({alone} of 100 by itself){(others.En.Length > 0 ? ": " + others.En : "")}", $"共通モデル(単独では{alone}/100){(others.Ja.Length > 0 ? ": " + others.Ja : "")}"));
        }

        return [score, new(string.Join("; ", spoke.Select(static one => one.En)), string.Join("、", spoke.Select(static one => one.Ja)))];
    }

    private static LocalizedText ListOf(IEnumerable<EvidenceValue> values)
    {
        var words = values.Select(static value => FeatureWords.Say(new FeatureText(KindOf(value.Name), value.Text))).ToList();
        return new(string.Join(", ", words.Select(static word => word.En)), string.Join("、", words.Select(static word => word.Ja)));
    }

    private static bool IsOwn(string name) => name.Contains('.' + Own, StringComparison.Ordinal);

    // "3.Subject", "3.own.Subject"; a kind of a newer program is told without its place.
    private static TokenKind KindOf(string name) =>
        Enum.TryParse<TokenKind>(name[(name.LastIndexOf('.') + 1)..], out var kind) ? kind : (TokenKind)byte.MaxValue;
}
