using System.Collections.Concurrent;
using System.Globalization;
using Tsunagi.Core.Modules;
using Tsunagi.Mail.Classify;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Classify;

namespace Tsunagi.Mail.Checks.Classifier;

/// <summary>
/// What a message reads like, by a model trained with examples of both kinds, and the words that made it think so. What a message costs is bounded: no more than
/// <see cref="TokenLimits"/> is read, and the buffers are kept for the next message.
/// </summary>
internal sealed class ClassifierCheck(SharedModel shared) : ICheck
{
    public const string CheckName = "classifier";

    public const string Spam = "classifier.spam";
    public const string SureSpam = "classifier.sure-spam";
    public const string Suspect = "classifier.suspect";
    public const string Ham = "classifier.ham";

    /// <summary>Scores from which on it is said.</summary>
    internal const double SureFrom = 0.95, SpamFrom = 0.5, SuspectFrom = 0.25, HamBelow = 0.05;

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
        // Nothing is said before somebody trained a model.
        if (shared.Current is not { } model)
        {
            return default;
        }

        cancellationToken.ThrowIfCancellationRequested();
        var tokens = _free.TryDequeue(out var kept) ? kept : new MessageTokens();
        tokens.Read(message.Content.Span, message.Tree);
        evidence.Add(Say(MessageClassifier.Classify(tokens, model, null, Words)));
        if (_free.Count < MaxKept)
        {
            _free.Enqueue(tokens);
        }

        return default;
    }

    /// <summary>What was found, as evidence: the score, and the features with where they stand ("1.Subject": "winner").</summary>
    internal static Evidence Say(Classification found)
    {
        var code = found.Score >= SureFrom ? SureSpam : found.Score >= SpamFrom ? Spam : found.Score >= SuspectFrom ? Suspect : Ham;
        var features = code == Ham ? found.ForHam : found.ForSpam;
        var values = new (string, string)[1 + features.Length];
        values[0] = ("score", (100 * found.Score).ToString("0", CultureInfo.InvariantCulture));
        for (var i = 0; i < features.Length; i++)
        {
            values[i + 1] = (string.Create(CultureInfo.InvariantCulture, $"{i + 1}.{features[i].Feature.Kind}"), features[i].Feature.Text);
        }

        return Evidence.Of(code, values);
    }

    private static IReadOnlyList<LocalizedText> Tell(IReadOnlyList<EvidenceValue> values)
    {
        var words = values.Skip(1).Select(static value => FeatureWords.Say(new FeatureText(KindOf(value.Name), value.Text))).ToList();
        return [new(values[0].Text, values[0].Text), new(string.Join(", ", words.Select(static word => word.En)), string.Join("、", words.Select(static word => word.Ja)))];
    }

    // "3.Subject"; a kind of a newer program is told without its place.
    private static TokenKind KindOf(string name) =>
        Enum.TryParse<TokenKind>(name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..], out var kind) ? kind : (TokenKind)byte.MaxValue;
}
