using System.Globalization;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Mail.Checks.Clamav;

/// <summary>Asks clamd whether it knows the message as malware.</summary>
internal sealed class ClamavCheck(ClamdClient clamd, FilterOptions options) : ICheck
{
    public const string CheckName = "clamav";

    public const string Virus = "clamav.virus";
    public const string TooLarge = "clamav.too-large";
    public const string Unavailable = "clamav.unavailable";

    public static readonly IReadOnlyList<EvidenceCode> Codes =
    [
        new(Virus, new("The virus scanner found {0}.", "ウイルススキャナーが {0} を検出しました。"),
            new("It carries malware. Scan your computer.", "マルウェアが含まれています。お使いの端末を検査してください。"), 100, PolicyAction.Quarantine, HoldClass.Virus),
        new(TooLarge, new("The message is larger than the virus scanner takes ({0} octets).", "ウイルススキャナーの上限を超えています({0}バイト)。"),
            new("The message is larger than the virus scanner takes.", "ウイルススキャナーの上限を超えるメールです。"), 0, PolicyAction.Tag, HoldClass.Virus),
        new(Unavailable, new("The virus scanner was not available: {0}.", "ウイルススキャナーを利用できませんでした: {0}。"),
            new("The virus scanner is not available just now.", "現在ウイルススキャナーを利用できません。"), 0, PolicyAction.Tag, HoldClass.Virus) { IsUnavailable = true },
    ];

    public string Name => CheckName;

    public bool IsSetUp => options.Clamd.Length > 0;

    public async ValueTask RunAsync(MessageUnderCheck message, ICollection<Evidence> evidence, CancellationToken cancellationToken)
    {
        var tooLarge = message.Content.Length > options.ClamdMaxBytes;
        var reply = tooLarge ? default : await clamd.ScanAsync(message.Content, cancellationToken);
        if (tooLarge || reply.IsSizeLimit)
        {
            evidence.Add(Evidence.Of(TooLarge, ("octets", message.Content.Length.ToString(CultureInfo.InvariantCulture))));
        }
        else if (reply.Error is { } error)
        {
            throw new CheckUnavailableException($"scanning with clamd at {options.Clamd}: it says '{error}'");
        }
        else if (reply.Signature is { } signature)
        {
            evidence.Add(Evidence.Of(Virus, ("signature", signature)));
        }
    }
}
