using Tsunagi.Core.Audit;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Changes;

/// <summary>
/// What every change of the control store leaves behind, in its own transaction: who did what to whom, before and after (audit), and the event
/// that operators and tenants read.
/// </summary>
public sealed class ChangeRecorder(AuditTrail audit, Outbox outbox, TimeProvider time)
{
    /// <param name="act">"tenant.created": the audit's word and, with "@1", the event's type.</param>
    /// <param name="facts">A small JSON object for the event: no content, no secrets.</param>
    public async ValueTask RecordAsync(
        ISqlTransaction transaction, Caller who, string act, string subject, string tenantPath, object? before, object? after, string facts = "{}", string? reason = null)
    {
        await audit.AppendAsync(transaction, who, act, subject, tenantPath, before, after, reason);
        await outbox.AppendAsync(transaction, new Event(Id.New("e", time), act + "@1", time.NowMicros(), tenantPath, subject, facts));
    }
}
