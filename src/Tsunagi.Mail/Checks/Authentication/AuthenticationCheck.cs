using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Arc;
using Tsunagi.Protocols.Mail.AuthResults;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Spf;

namespace Tsunagi.Mail.Checks.Authentication;

/// <summary>
/// Is the message by whom it says it is: (1) SPF of the envelope sender, (2) every DKIM signature, (3) the chain of ARC seals, where there is one, (4) DMARC of the author's domain over
/// SPF and DKIM, (5) what was found as an Authentication-Results field of ours. A resolver that does not answer makes temperror, which is never held against a message.
/// </summary>
internal sealed class AuthenticationCheck(MailResolver? resolver, MailOptions options) : ICheck
{
    public const string CheckName = "auth";

    public const string SpfFail = "auth.spf-fail";
    public const string SpfSoftFail = "auth.spf-softfail";
    public const string DkimFail = "auth.dkim-fail";
    public const string ArcPass = "auth.arc-pass";
    public const string ArcFail = "auth.arc-fail";
    public const string DmarcPass = "auth.dmarc-pass";
    public const string DmarcFail = "auth.dmarc-fail";
    public const string DmarcQuarantine = "auth.dmarc-quarantine";
    public const string DmarcReject = "auth.dmarc-reject";
    public const string Submitted = "auth.submitted";
    public const string TempError = "auth.temperror";

    public static readonly IReadOnlyList<EvidenceCode> Codes =
    [
        new(SpfFail, new("{0} does not send for {1} (SPF fail).", "{0} は {1} の送信元として許可されていません(SPF fail)。"),
            new("The sending server is not one of the sender's domain (SPF).", "送信サーバーが送信ドメインに許可されていません(SPF)。"), 5, PolicyAction.Accept, HoldClass.Spam),
        new(SpfSoftFail, new("{0} is probably no sender for {1} (SPF softfail).", "{0} は {1} の送信元ではない可能性があります(SPF softfail)。"),
            new("The sending server is probably not one of the sender's domain (SPF).", "送信サーバーが送信ドメインのものではない可能性があります(SPF)。"), 2, PolicyAction.Accept, HoldClass.Spam),
        new(DkimFail, new("A signature of {0} does not verify: {1}.", "{0} の署名を検証できません: {1}。"),
            new("A signature of the message does not verify (DKIM).", "メールの署名を検証できません(DKIM)。"), 0, PolicyAction.Accept, HoldClass.Spam) { IsNote = true },
        new(ArcPass, new("It was passed on by {0}, and every seal of those who passed it on verifies (ARC pass).", "{0} を経由して転送され、経由者の封印をすべて検証できました(ARC pass)。"),
            new("The seals of those who passed it on verify.", "転送経路の封印を検証できました。"), 0, PolicyAction.Accept, HoldClass.Spam) { IsNote = true },
        new(ArcFail, new("The seals of those who passed it on do not verify: {0} (ARC fail).", "転送経路の封印を検証できません: {0} (ARC fail)。"),
            new("The seals of those who passed it on do not verify (ARC).", "転送経路の封印を検証できません(ARC)。"), 0, PolicyAction.Accept, HoldClass.Spam) { IsNote = true },
        new(DmarcPass, new("It is by {0} (DMARC pass).", "{0} からの送信と確認できました(DMARC pass)。"),
            new("The author's domain is confirmed.", "差出人のドメインを確認できました。"), 0, PolicyAction.Accept, HoldClass.Spam) { IsNote = true },
        new(DmarcFail, new("It is not confirmed to be by {0}, whose owner asks for nothing (DMARC fail).", "{0} からの送信と確認できません(DMARC fail、ドメイン所有者の指定なし)。"),
            new("The author's domain is not confirmed (DMARC).", "差出人のドメインを確認できません(DMARC)。"), 2, PolicyAction.Accept, HoldClass.Policy),
        new(DmarcQuarantine, new("It is not confirmed to be by {0}, whose owner asks to be careful with such mail (DMARC quarantine).", "{0} からの送信と確認できず、ドメイン所有者は隔離を求めています(DMARC quarantine)。"),
            new("The author's domain is not confirmed, and its owner asks to keep such mail (DMARC).", "差出人のドメインを確認できません(DMARC)。"), 5, PolicyAction.Quarantine, HoldClass.Policy),
        new(DmarcReject, new("It is not confirmed to be by {0}, whose owner asks to refuse such mail (DMARC reject).", "{0} からの送信と確認できず、ドメイン所有者は拒否を求めています(DMARC reject)。"),
            new("The author's domain is not confirmed, and its owner asks to refuse such mail (DMARC).", "差出人のドメインを確認できず、ドメイン所有者が拒否を求めています(DMARC)。"), 10, PolicyAction.Quarantine, HoldClass.Policy),
        new(Submitted, new("It was handed in by {0}, who proved that.", "{0} が認証のうえ送信したメールです。"),
            new("It was handed in after authentication.", "認証済みの送信です。"), 0, PolicyAction.Accept, HoldClass.Spam) { IsNote = true },
        new(TempError, new("The DNS gave no answer for {0}; that is not held against the message.", "{0} についてDNSの応答がありませんでした(メールの不利には扱いません)。"),
            new("The DNS gave no answer.", "DNSの応答がありません。"), 0, PolicyAction.Accept, HoldClass.Policy) { IsNote = true },
        new(CheckName + ".unavailable", new("The author could not be checked: {0}.", "差出人を検査できませんでした: {0}。"),
            new("The message could not be checked just now.", "現在メールを検査できません。"), 0, PolicyAction.Tag, HoldClass.Policy) { IsUnavailable = true },
    ];

    public string Name => CheckName;

    public bool IsSetUp => resolver is not null;

    public async ValueTask RunAsync(MessageUnderCheck message, ICollection<Evidence> evidence, CancellationToken cancellationToken)
    {
        if (message.SubmittedBy.Length > 0)
        {
            // Who it is by was proved to us; a device's address sends for nobody by SPF, and what it sends is signed only when it leaves.
            evidence.Add(Evidence.Of(Submitted, ("by", message.SubmittedBy)));
            Write(message, [new() { Method = "auth", Result = "pass", Properties = [new("smtp", "auth", message.SubmittedBy)] }]);
            return;
        }

        var results = ImmutableArray.CreateBuilder<AuthenticationResult>();
        using var dns = resolver!.ForMessage(cancellationToken);

        // (1)
        SpfResult? spf = null;
        if (message.ClientAddress is { } client)
        {
            spf = await SpfCheck.RunAsync(
                new SpfQuery { ClientAddress = client, Sender = message.ReversePath.Mailbox?.ToString() ?? "", HeloName = message.Helo, ReceiverName = options.OwnName, Time = message.Time },
                dns, null, cancellationToken);
            results.Add(AuthenticationResult.Of(spf));
            Add(spf, client.ToString(), evidence);
            if (spf.Verdict == SpfVerdict.Pass)
            {
                message.Proved.Add(spf.Domain.ToLowerInvariant());
            }
        }

        // (2), (3): the body is hashed once for both.
        using var signed = SignedMessage.Read(new ReadOnlySequence<byte>(message.Content));
        var (signatures, seals) = (new DkimVerification(signed), new ArcVerification(signed));
        signed.AppendBodyOf(new ReadOnlySequence<byte>(message.Content));
        var dkim = await signatures.CompleteAsync(dns, message.Time, cancellationToken);
        foreach (var signature in dkim)
        {
            results.Add(AuthenticationResult.Of(signature));
            if (signature is { Verdict: DkimVerdict.Pass, Signature.Domain: { } signer })
            {
                message.Proved.Add(signer.ToLowerInvariant());
            }

            if (signature.Verdict is DkimVerdict.Fail or DkimVerdict.PermError)
            {
                evidence.Add(Evidence.Of(DkimFail, ("domain", signature.Signature?.Domain ?? "?"), ("why", signature.Reason)));
            }
            else if (signature.Verdict is DkimVerdict.TempError)
            {
                evidence.Add(Evidence.Of(TempError, ("what", $"the key of {signature.Signature?.Domain}")));
            }
        }

        var arc = await seals.CompleteAsync(dns, message.Time, cancellationToken);
        if (arc.Verdict != ArcVerdict.None)
        {
            results.Add(AuthenticationResult.Of(arc, message.ClientAddress));
            Add(arc, evidence);
        }

        // (4)
        DmarcResult? dmarc = null;
        if (AuthorDomain(message.Content.Span) is { } author)
        {
            dmarc = await DmarcCheck.RunAsync(new DmarcQuery { AuthorDomain = author, Spf = spf, Dkim = dkim }, dns, null, cancellationToken);
            results.Add(AuthenticationResult.Of(dmarc));
            Add(dmarc, evidence);
        }

        // (5)
        message.Authenticated = new Authenticated(spf, dkim, dmarc);
        Write(message, results.ToImmutable());
    }

    private void Write(MessageUnderCheck message, ImmutableArray<AuthenticationResult> results)
    {
        var field = new ArrayBufferWriter<byte>();
        new AuthenticationResults { AuthservId = options.OwnName, Results = results }.WriteTo(field);
        message.AuthenticationResults = AsciiOf(field.WrittenSpan);
    }

    private static void Add(SpfResult spf, string client, ICollection<Evidence> evidence)
    {
        switch (spf.Verdict)
        {
            case SpfVerdict.Fail:
                evidence.Add(Evidence.Of(SpfFail, ("client", client), ("domain", spf.Domain)));
                break;
            case SpfVerdict.SoftFail:
                evidence.Add(Evidence.Of(SpfSoftFail, ("client", client), ("domain", spf.Domain)));
                break;
            case SpfVerdict.TempError:
                evidence.Add(Evidence.Of(TempError, ("what", "the SPF record of " + spf.Domain)));
                break;
        }
    }

    private static void Add(ArcResult arc, ICollection<Evidence> evidence)
    {
        switch (arc.Verdict)
        {
            case ArcVerdict.Pass:
                evidence.Add(Evidence.Of(ArcPass, ("by", string.Join(", ", arc.Sets.Select(static set => set.Seal.Domain)))));
                break;
            case ArcVerdict.Fail:
                evidence.Add(Evidence.Of(ArcFail, ("why", arc.Reason)));
                break;
            case ArcVerdict.TempError:
                evidence.Add(Evidence.Of(TempError, ("what", "the key of a seal (ARC)")));
                break;
        }
    }

    private static void Add(DmarcResult dmarc, ICollection<Evidence> evidence)
    {
        switch (dmarc.Verdict)
        {
            case DmarcVerdict.Pass:
                evidence.Add(Evidence.Of(DmarcPass, ("domain", dmarc.AuthorDomain)));
                break;
            case DmarcVerdict.Fail:
                evidence.Add(Evidence.Of(
                    dmarc.Disposition switch { DmarcPolicy.Reject => DmarcReject, DmarcPolicy.Quarantine => DmarcQuarantine, _ => DmarcFail }, ("domain", dmarc.AuthorDomain)));
                break;
            case DmarcVerdict.TempError:
                evidence.Add(Evidence.Of(TempError, ("what", "the DMARC record of " + dmarc.AuthorDomain)));
                break;
        }
    }

    // Of several the first counts; that there are several is told by the header check.
    private static string? AuthorDomain(ReadOnlySpan<byte> content)
    {
        var reader = new HeaderReader(content);
        while (reader.Read())
        {
            if (reader.Field.Is("From"u8))
            {
                return AddressField.TryReadFirst(reader.Field.Body, 100, out _, out var from) ? from!.Domain : null;
            }
        }

        return null;
    }

    // What stands before a message must not ask more of the next hop than the message does.
    private static string AsciiOf(ReadOnlySpan<byte> field)
    {
        var text = Encoding.UTF8.GetString(field);
        return System.Text.Ascii.IsValid(text) ? text : string.Concat(text.Select(static c => c < 128 ? c : '?'));
    }
}
