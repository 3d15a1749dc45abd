using System.Globalization;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Time;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Mail.Reports;

/// <summary>One thing to know or do.</summary>
/// <param name="Code">For programs: "spf-elsewhere".</param>
internal sealed record Advice(string Code, Tone Tone, LocalizedText Text);

/// <summary>What reports mean for the domain's owner, in plain words. Rules alone: the same figures give the same words.</summary>
internal static class ReportAdvice
{
    public const int HintDays = 30;

    /// <summary>How much of known sources' mail must pass before a stricter policy is advised.</summary>
    public const double Enough = 0.99;

    public static IReadOnlyList<Advice> Of(ReportedSource source, string domain)
    {
        var failed = source.Messages - source.Passed;
        if (failed <= 0)
        {
            return source.DkimAligned == 0
                ? [new("spf-alone", Tone.Info, new($"All of its mail passes, but by SPF alone: what is forwarded will fail. Have it sign as {domain} (DKIM) too.", $"すべてのメールが合格していますが、SPFのみです。転送されると不合格になるため、{domain} としてのDKIM署名も設定してください。"))]
                : [new("passes", Tone.Good, new("All of its mail passes. Nothing to do.", "すべてのメールが合格しています。対応は不要です。"))];
        }

        if (source.Forwarded * 10 >= failed * 9)
        {
            return [new("forwarded", Tone.Neutral, new("A forwarder or mailing list passes your mail on; receivers know it. Signatures (DKIM) survive plain forwarding; nothing else need be done.", "転送またはメーリングリスト経由のメールで、受信側も認識しています。単純な転送ではDKIM署名が維持されます。それ以外の対応は不要です。"))];
        }

        List<Advice> found = [];
        if (source.DkimElsewhere > 0 && source.DkimDomain.Length > 0)
        {
            found.Add(new("dkim-elsewhere", Tone.Warning, new(
                $"{source.Source} sends as you; it signs as {source.DkimDomain}, which is not {domain} (not aligned). If it is a service of yours, set up signing as {domain} there (custom DKIM) and publish the key it gives you.",
                $"{source.Source} が貴ドメインで送信していますが、署名は {source.DkimDomain} のもので {domain} と一致しません。利用中のサービスであれば、{domain} での署名(カスタムDKIM)を設定し、示された鍵をDNSに公開してください。")));
        }

        if (source.SpfElsewhere > 0 && source.SpfDomain.Length > 0)
        {
            found.Add(new("spf-elsewhere", Tone.Warning, new(
                $"{source.Source} sends as you; SPF passes for {source.SpfDomain}, which is not {domain} (not aligned). If it is a service of yours, give it a return path (bounce domain) below {domain}, or have it sign as {domain}.",
                $"{source.Source} が貴ドメインで送信していますが、SPFは {source.SpfDomain} として合格しており、{domain} と一致しません。利用中のサービスであれば、{domain} 配下の返送先ドメイン(バウンスドメイン)か、{domain} でのDKIM署名を設定してください。")));
        }

        if (source.DkimBroken > 0 && source.BrokenDomain.Length > 0 && ReportRecords.IsWithin(source.BrokenDomain, domain))
        {
            found.Add(new("dkim-broken", Tone.Warning, new(
                $"Signatures of {source.BrokenDomain} from {source.Source} do not verify. Look whether the key stands in the DNS as it should, and whether something behind the signer changes the mail (footers, gateways).",
                $"{source.Source} からの {source.BrokenDomain} の署名を検証できません。鍵がDNSに正しく公開されているか、署名後にメールが変更されていないか(フッター追加や中継装置)を確認してください。")));
        }

        // A source of which nothing ever passed may be anybody's: a signature that does not verify can be written by everybody.
        if (source.Passed == 0 && found.TrueForAll(static advice => advice.Code == "dkim-broken"))
        {
            found.Add(new("stranger", Tone.Bad, new(
                $"{source.Source} sends as you, and nothing confirms it. If it is yours, add {source.Address} to the SPF record of {domain} and have it sign (DKIM); if not, somebody uses your name: a policy of quarantine or reject stops that.",
                $"{source.Source} が貴ドメインを名乗って送信していますが、認証で確認できません。貴社のものであれば {source.Address} を {domain} のSPFレコードに追加し、DKIM署名を設定してください。そうでなければなりすましです。ポリシーを quarantine または reject にすると防げます。")));
        }

        if (found.Count == 0)
        {
            found.Add(new("some-fail", Tone.Warning, new($"Most of this source is yours, but some of its mail has neither SPF nor a signature for {domain}. Look for a server or program there that sends without them.", $"この送信元は貴社のものと思われますが、一部のメールに {domain} のSPFも署名もありません。設定漏れのサーバーやプログラムがないか確認してください。")));
        }

        return found;
    }

    /// <summary>Whether the domain is ready for a stricter policy.</summary>
    public static Advice OfPolicy(DomainReport report, long nowMicros)
    {
        var domain = report.Domain;
        if (report.Newest is null || report.Known.Messages == 0)
        {
            return new("no-known-source", Tone.Neutral, new($"No report of a confirmed author shows mail of {domain} that passes, so there is no advice on its policy yet.", $"送信者を確認できたレポートに {domain} の合格メールがないため、ポリシーの助言はまだありません。"));
        }

        var share = (double)report.Known.Passed / report.Known.Messages;
        var percent = string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(share * 1000) / 10:0.0}");
        var days = (int)Math.Min(HintDays, ((nowMicros - report.Known.FirstAt) / (86_400 * UnixMicros.PerSecond)) + 1);
        if (report.Newest.Policy == "reject")
        {
            return share >= Enough
                ? new("strictest", Tone.Good, new($"The policy is reject, and {percent} % of the mail of your own sources passes.", $"ポリシーは reject で、自社送信元のメールの {percent} % が合格しています。"))
                : new("own-mail-refused", Tone.Bad, new($"The policy is reject, and only {percent} % of the mail of your own sources passes: the rest is refused. Mend the sources below.", $"ポリシーは reject ですが、自社送信元の合格率は {percent} % です。残りは拒否されています。下記の送信元を修正してください。"));
        }

        if (share < Enough)
        {
            return new("mend-first", Tone.Warning, new($"{percent} % of the mail of your own sources passes (30 days). Mend the sources below first; from 99 % on a stricter policy is advised.", $"自社送信元のメールの合格率は {percent} % です(30日間)。先に下記の送信元を修正してください。99 % 以上でポリシーの強化をお勧めします。"));
        }

        if (days < HintDays)
        {
            return new("wait", Tone.Waiting, new($"{percent} % of the mail of your own sources passes, over {days} of 30 days. When it stays so, a stricter policy can follow.", $"自社送信元のメールの合格率は {percent} % です(30日中 {days} 日)。この状態が続けばポリシーを強化できます。"));
        }

        return report.Newest.Policy == "quarantine"
            ? new("to-reject", Tone.Good, new($"{percent} % of the mail of your own sources passed over 30 days: the policy may go from quarantine to reject (p=reject in _dmarc.{domain}).", $"30日間、自社送信元のメールの {percent} % が合格しました。ポリシーを quarantine から reject に変更できます(_dmarc.{domain} の p=reject)。"))
            : new("to-quarantine", Tone.Good, new($"{percent} % of the mail of your own sources passed over 30 days: the policy may go from none to quarantine (p=quarantine in _dmarc.{domain}).", $"30日間、自社送信元のメールの {percent} % が合格しました。ポリシーを none から quarantine に変更できます(_dmarc.{domain} の p=quarantine)。"));
    }

    /// <summary>What a result of RFC 8460 section 4.3 asks to be done.</summary>
    public static Advice Of(TlsResult result) => result.Result switch
    {
        "" => new("successful", Tone.Good, new("Sessions were secured as the policy asks.", "ポリシーどおりTLSで保護されました。")),
        "starttls-not-supported" => new(result.Result, Tone.Bad, new("The server did not offer STARTTLS. Switch TLS on there, and look whether a firewall takes STARTTLS out of its replies.", "サーバーがSTARTTLSを提示しませんでした。サーバーのTLSを有効にし、ファイアウォールが応答を書き換えていないか確認してください。")),
        "certificate-host-mismatch" => new(result.Result, Tone.Bad, new("The certificate is of another name. Have one issued for the name of the MX record.", "証明書の名前が一致しません。MXレコードのホスト名の証明書に取り替えてください。")),
        "certificate-expired" => new(result.Result, Tone.Bad, new("The certificate had expired. Renew it, and look why it was not renewed by itself.", "証明書の期限が切れています。更新し、自動更新の設定を確認してください。")),
        "certificate-not-trusted" => new(result.Result, Tone.Bad, new("The certificate is of an authority that senders do not trust, or one between is missing. Use a public authority's, with its whole chain.", "証明書の発行元が信頼されていないか、中間証明書がありません。公的な認証局の証明書を中間証明書とともに設定してください。")),
        "validation-failure" => new(result.Result, Tone.Warning, new("The certificate was refused for another reason; the reporter's code, where there is one, names it.", "その他の理由で証明書の検証に失敗しました。理由コードがあれば参照してください。")),
        "tlsa-invalid" => new(result.Result, Tone.Bad, new("No TLSA record fits the certificate. Publish the record of a new certificate before it is put in.", "TLSAレコードが証明書と一致しません。証明書の交換前に、新しい証明書のレコードを公開してください。")),
        "dnssec-invalid" => new(result.Result, Tone.Bad, new("The DNS answers for the server were signed wrongly (DNSSEC). Look at signatures and the DS record of the zone.", "DNSSECの検証に失敗しました。ゾーンの署名とDSレコードを確認してください。")),
        "dane-required" => new(result.Result, Tone.Warning, new("A sender asks for DANE and found no TLSA records. Publish them, if you want mail of such senders.", "送信側がDANEを要求しましたが、TLSAレコードがありません。必要に応じて公開してください。")),
        "sts-policy-fetch-error" => new(result.Result, Tone.Bad, new("The MTA-STS policy could not be fetched. Look whether https://mta-sts.(domain)/.well-known/mta-sts.txt answers.", "MTA-STSポリシーを取得できませんでした。https://mta-sts.(ドメイン)/.well-known/mta-sts.txt の応答を確認してください。")),
        "sts-policy-invalid" => new(result.Result, Tone.Bad, new("The MTA-STS policy is written wrongly. Look at its version, mode, mx and max_age lines.", "MTA-STSポリシーの記述に誤りがあります。version、mode、mx、max_age の各行を確認してください。")),
        "sts-webpki-invalid" => new(result.Result, Tone.Bad, new("The web server of the MTA-STS policy has a certificate that is not valid. Renew it.", "MTA-STSポリシーを公開するWebサーバーの証明書が無効です。更新してください。")),
        ReportRecords.Untold => new(result.Result, Tone.Neutral, new("The reporter counts failures and does not say which.", "失敗の内訳はレポートに記載されていません。")),
        _ => new("other", Tone.Warning, new("A result that the standard does not name; ask the reporter.", "標準にない結果です。レポートの送信元に確認してください。")),
    };
}
