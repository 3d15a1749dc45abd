using System.Globalization;
using System.Net;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Submission;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Limits;

/// <summary>What sessions need to keep senders within their limits.</summary>
internal sealed record SendingGuard(SendingBook Book, PolicyWatch Policies, MailMetrics Metrics, TimeProvider Time);

/// <summary>
/// Keeps one session's senders within their limits. Each recipient is counted when it is taken, before the message is there, so that many sessions at once do not pass as one; what comes to
/// nothing is given back. (1) a credential that is paused sends nothing; (2) its own limit, under it the tenant's for devices; (3) the tenant's for all it sends to others; (4) the brake: a
/// credential that is not itself any more is paused.
/// </summary>
internal sealed class SendingTally(SendingGuard guard, IPAddress? client)
{
    private static readonly EnhancedStatus TooMuch = new(4, 7, 1);

    private static readonly SmtpReply Paused = new(
        450, TooMuch, "Sending by this credential is paused, because it sent far more than it used to; its owner resumes it on the page of sending devices");

    private readonly List<(SendingState State, int Recipients)> _open = [];

    /// <summary>450 while a credential is paused.</summary>
    public SmtpReply? WhyPaused(LiveCredential credential) => guard.Book.IsPaused(credential) ? Paused : null;

    /// <summary>Counts one recipient of the transaction.</summary>
    /// <param name="sender">The customer it is sent for.</param>
    /// <param name="credential">By whose device; null for a server of its own.</param>
    /// <returns>450 when it would be one too many; else null.</returns>
    public SmtpReply? Add(Gateway sender, LiveCredential? credential, bool leaves)
    {
        // (1)
        if (credential is not null && WhyPaused(credential) is { } paused)
        {
            return paused;
        }

        // (2)
        var policy = guard.Policies.Table.For(sender.TenantPath, "", [], "").Sending;
        if (credential is not null && TryCount(credential.Id, sender, (credential.Limits ?? SendingLimit.Nothing).Over(policy.Device!), credential) is { } ofDevice)
        {
            return ofDevice;
        }

        // (3)
        if (leaves && TryCount(SendingBook.TenantSubject(sender.TenantPath), sender, policy.Tenant!, null) is { } ofTenant)
        {
            if (credential is not null)
            {
                GiveBack(credential.Id);
            }

            return ofTenant;
        }

        // (4)
        return credential is not null && IsChanged(credential, policy) ? Paused : null;
    }

    /// <summary>The message is ours: what was counted stays counted.</summary>
    public void Accepted() => _open.Clear();

    /// <summary>It came to nothing.</summary>
    public void Withdraw()
    {
        foreach (var (state, recipients) in _open)
        {
            Take(state, messages: 1, recipients);
        }

        _open.Clear();
    }

    private SmtpReply? TryCount(string subject, Gateway sender, SendingLimit limit, LiveCredential? credential)
    {
        var state = guard.Book.Of(subject, sender.TenantPath);
        var now = guard.Time.NowMicros();
        var at = _open.FindIndex(open => open.State == state);
        lock (state)
        {
            var sent = state.Counter.Lately(now);
            var message = at < 0 ? 1 : 0;
            if (Reached(limit, sent, message) is var (field, most))
            {
                guard.Metrics.SendingLimited(field);
                if (state.TryTell(field, now))
                {
                    Tell(sender, credential, field, most);
                }

                return new SmtpReply(450, TooMuch, Words(credential is not null, field, most));
            }

            state.Counter.Add(now, message, 1);
            state.IsDirty = true;
        }

        if (at < 0)
        {
            _open.Add((state, 1));
        }
        else
        {
            _open[at] = (state, _open[at].Recipients + 1);
        }

        return null;
    }

    private static (string Field, int Most)? Reached(SendingLimit limit, SentLately sent, int message) =>
        IsOver(limit.MessagesPerHour, sent.MessagesPastHour + message) ? ("messagesPerHour", limit.MessagesPerHour!.Value)
        : IsOver(limit.MessagesPerDay, sent.MessagesPastDay + message) ? ("messagesPerDay", limit.MessagesPerDay!.Value)
        : IsOver(limit.RecipientsPerHour, sent.RecipientsPastHour + 1) ? ("recipientsPerHour", limit.RecipientsPerHour!.Value)
        : IsOver(limit.RecipientsPerDay, sent.RecipientsPastDay + 1) ? ("recipientsPerDay", limit.RecipientsPerDay!.Value)
        : null;

    private static bool IsOver(int? most, int would) => most > 0 && would > most;

    private static string Words(bool isDevice, string field, int most) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(isDevice ? "This credential" : "Your organisation")} has sent to as many as it may: {most} {(field.StartsWith("messages", StringComparison.Ordinal) ? "messages" : "recipients")} in {(field.EndsWith("Day", StringComparison.Ordinal) ? "24 hours" : "an hour")}; try again later");

    private void Tell(Gateway sender, LiveCredential? credential, string field, int most) => guard.Book.Tell(
        MailEvents.SendingLimited, sender.TenantPath, credential?.Id ?? sender.TenantId,
        new { limit = field, most, userName = credential?.UserName ?? "", subscription = sender.Subscription, address = client?.ToString() ?? "" });

    private bool IsChanged(LiveCredential credential, SendingPolicy policy)
    {
        var now = guard.Time.NowMicros();
        if (policy.BrakeFactor is not > 0 || now - credential.ResumedAt < TimeSpan.TicksPerDay / TimeSpan.TicksPerMicrosecond)
        {
            return false;
        }

        var state = guard.Book.Of(credential.Id, credential.TenantPath);
        int recipients, usual;
        lock (state)
        {
            if (state.Counter.UsualPerHour(now) is not { } known)
            {
                return false;
            }

            (recipients, usual) = (state.Counter.Lately(now).RecipientsPastHour, known);
        }

        if (recipients <= Math.Max((long)usual * policy.BrakeFactor.Value, policy.BrakeFloor ?? 0))
        {
            return false;
        }

        guard.Metrics.SendingLimited("brake");
        guard.Book.Stop(credential, recipients, usual, client?.ToString() ?? "");
        return true;
    }

    private void GiveBack(string subject)
    {
        var at = _open.FindIndex(open => open.State.Subject == subject);
        var (state, recipients) = _open[at];
        Take(state, recipients == 1 ? 1 : 0, 1);
        if (recipients == 1)
        {
            _open.RemoveAt(at);
        }
        else
        {
            _open[at] = (state, recipients - 1);
        }
    }

    private void Take(SendingState state, int messages, int recipients)
    {
        lock (state)
        {
            state.Counter.Add(guard.Time.NowMicros(), -messages, -recipients);
            state.IsDirty = true;
        }
    }
}
