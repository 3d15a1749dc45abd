namespace Tsunagi.Connectivity.Sessions;

/// <summary>A Disconnect or CoA request and what became of it.</summary>
/// <param name="Kind">"disconnect" or "coa".</param>
/// <param name="Target">Address and port it was sent to.</param>
/// <param name="Outcome">"ack", "nak", "no-answer", "not-sent".</param>
/// <param name="ErrorCause">The NAS's Error-Cause with a NAK; empty without.</param>
public sealed record SessionActRow(
    string Id, string TenantPath, string SessionId, string LineId, string Kind, string Reason, string MadeBy, string MadeByName, string Target, long SentAt, string Outcome, string ErrorCause, long? AnsweredAt, long Tries);
