using System.Diagnostics.Metrics;

namespace Tsunagi.Mail.Meters;

/// <summary>What operators watch. Names follow the module's prefix; attributes stay few.</summary>
internal sealed class MailMetrics : IDisposable
{
    private static readonly string[] Names = ["accept", "tag", "quarantine", "defer", "reject"];

    private readonly Meter _meter = new("Tsunagi.Mail");
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _acceptedBytes;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _broken;
    private readonly Counter<long> _tlsFailed;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _ambiguous;
    private readonly Counter<long> _held;
    private readonly Counter<long> _heldActs;
    private readonly Counter<long> _judged;
    private readonly Counter<long> _checkUnavailable;
    private readonly Counter<long> _untold;
    private readonly Counter<long> _authenticated;
    private readonly Counter<long> _limited;
    private readonly Counter<long> _clientLimited;

    public MailMetrics()
    {
        _accepted = _meter.CreateCounter<long>("tsunagi.mail.messages", "{message}", "Messages accepted");
        _acceptedBytes = _meter.CreateCounter<long>("tsunagi.mail.bytes", "By", "Size of the messages accepted");
        _refused = _meter.CreateCounter<long>("tsunagi.mail.recipients.refused", "{recipient}", "Recipients refused in session, by reply code");
        _broken = _meter.CreateCounter<long>("tsunagi.mail.sessions.broken", "{session}", "Sessions that ended without QUIT");
        _tlsFailed = _meter.CreateCounter<long>("tsunagi.mail.tls.failed", "{handshake}", "TLS handshakes with clients that failed");
        _attempts = _meter.CreateCounter<long>("tsunagi.mail.attempts", "{attempt}", "Attempts at delivery, by what became of the message");
        _ambiguous = _meter.CreateCounter<long>(
            "tsunagi.mail.attempts.ambiguous", "{attempt}", "Connections lost between the final dot and its reply: a retry may deliver twice");
        _held = _meter.CreateCounter<long>("tsunagi.mail.quarantine.held", "{copy}", "Recipients' copies held in quarantine, by class");
        _heldActs = _meter.CreateCounter<long>("tsunagi.mail.quarantine.acts", "{copy}", "What became of held copies, by act and class");
        _judged = _meter.CreateCounter<long>("tsunagi.mail.verdicts", "{verdict}", "Verdicts on messages, one for each recipient, by what is done");
        _checkUnavailable = _meter.CreateCounter<long>("tsunagi.mail.checks.unavailable", "{message}", "Messages that a check could not look at, by check");
        _untold = _meter.CreateCounter<long>("tsunagi.mail.refusals.untold", "{message}", "Refused messages that are not in the trace because the store could not keep up");
        _limited = _meter.CreateCounter<long>("tsunagi.mail.sending.limited", "{recipient}", "Recipients that a limit of their sender put off, by limit");
        _clientLimited = _meter.CreateCounter<long>("tsunagi.mail.clients.limited", "{attempt}", "Connections and messages that a limit of the client's address put off, by limit");
        _authenticated = _meter.CreateCounter<long>("tsunagi.mail.submission.authentications", "{attempt}", "Authentications of those who hand mail in, by outcome");
    }

    /// <summary>A recipient or message that a limit of its sender refused.</summary>
    public void SendingLimited(string limit) => _limited.Add(1, new KeyValuePair<string, object?>("limit", limit));

    /// <summary>A connection or message that a limit of its client's address refused.</summary>
    public void ClientLimited(string limit) => _clientLimited.Add(1, new KeyValuePair<string, object?>("limit", limit));

    public void Authenticated(string outcome) => _authenticated.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Judged(Verdict.PolicyAction action) => _judged.Add(1, new KeyValuePair<string, object?>("action", Names[(int)action]));

    public void CheckUnavailable(string check) => _checkUnavailable.Add(1, new KeyValuePair<string, object?>("check", check));

    public void RefusalUntold() => _untold.Add(1);

    public void Accepted(long bytes)
    {
        _accepted.Add(1);
        _acceptedBytes.Add(bytes);
    }

    public void RecipientRefused(int code) => _refused.Add(1, new KeyValuePair<string, object?>("code", code));

    public void SessionBroken() => _broken.Add(1);

    public void TlsFailed(string reason) => _tlsFailed.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Attempted(string outcome) => _attempts.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Ambiguous() => _ambiguous.Add(1);

    public void Held(string heldClass, int copies) => _held.Add(copies, new KeyValuePair<string, object?>("class", heldClass));

    public void HeldActed(string act, string heldClass, int copies = 1) =>
        _heldActs.Add(copies, new KeyValuePair<string, object?>("act", act), new KeyValuePair<string, object?>("class", heldClass));

    public void Dispose() => _meter.Dispose();
}
