using System.Globalization;
using Tsunagi.Mail.Checks.Attachments;
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
        // The message as it came, then each file in it that no part carries by itself: what mail programs unpack and show, a scanner may not.
        if (await ScanAsync(message.Content, evidence, cancellationToken))
        {
            return;
        }

        foreach (var file in HiddenFiles.Of(message, options).Files)
        {
            if (!file.Octets.IsEmpty && await ScanAsync(file.Octets, evidence, cancellationToken))
            {
                return;
            }
        }
    }

    /// <summary>True when malware was found: once is enough.</summary>
    private async ValueTask<bool> ScanAsync(ReadOnlyMemory<byte> content, ICollection<Evidence> evidence, CancellationToken cancellationToken)
    {
        var tooLarge = content.Length > options.ClamdMaxBytes;
        var reply = tooLarge ? default : await clamd.ScanAsync(content, cancellationToken);
        if (tooLarge || reply.IsSizeLimit)
        {
            evidence.Add(Evidence.Of(TooLarge, ("octets", content.Length.ToString(CultureInfo.InvariantCulture))));
            return false;
        }

        if (reply.Error is { } error)
        {
            throw new CheckUnavailableException($"scanning with clamd at {options.Clamd}: it says '{error}'");
        }

        if (reply.Signature is { } signature)
        {
            evidence.Add(Evidence.Of(Virus, ("signature", signature)));
            return true;
        }

        return false;
    }
}
