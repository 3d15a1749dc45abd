using Tsunagi.Core.Modules;

namespace Tsunagi.Mail.Shadow;

/// <summary>The cells of the comparison, as pages, the API and the terminal name them.</summary>
internal static class ShadowCell
{
    public const string BothSpam = "both-spam";
    public const string OnlyOurs = "only-ours";
    public const string OnlyTheirs = "only-theirs";
    public const string BothClean = "both-clean";

    /// <summary>The other filter said nothing that is known.</summary>
    public const string Untold = "untold";

    public static readonly IReadOnlyList<string> All = [BothSpam, OnlyOurs, OnlyTheirs, BothClean, Untold];

    public static string Of(string ours, string theirs) => (ours, theirs) switch
    {
        (_, "") => Untold,
        (ShadowWord.Spam, ShadowWord.Spam) => BothSpam,
        (ShadowWord.Spam, _) => OnlyOurs,
        (_, ShadowWord.Spam) => OnlyTheirs,
        _ => BothClean,
    };

    /// <summary>What stands in the table; a null word is any.</summary>
    public static (string? Ours, string? Theirs) Words(string cell) => cell switch
    {
        BothSpam => (ShadowWord.Spam, ShadowWord.Spam),
        OnlyOurs => (ShadowWord.Spam, ShadowWord.Clean),
        OnlyTheirs => (ShadowWord.Clean, ShadowWord.Spam),
        BothClean => (ShadowWord.Clean, ShadowWord.Clean),
        Untold => (null, ""),
        _ => (null, null),
    };

    public static LocalizedText NameOf(string cell) => cell switch
    {
        BothSpam => new("Spam to both", "両方とも迷惑メール"),
        OnlyOurs => new("Spam to us alone", "当社のみ迷惑メール"),
        OnlyTheirs => new("Spam to them alone", "既存フィルターのみ迷惑メール"),
        BothClean => new("Clean to both", "両方とも正常"),
        _ => new("They said nothing", "既存フィルターの判定なし"),
    };
}
