namespace Tsunagi.Core.Events;

/// <summary>
/// Something an operator would read (CloudEvents 1.0 shape): durable, never edited, facts without content.
/// </summary>
/// <param name="Id">e_…; the same act always gives the same id, so that writing it again changes nothing.</param>
/// <param name="Type">A declared type ("mail.message.accepted@1").</param>
/// <param name="TimeMicros">When it happened, µs UTC.</param>
/// <param name="TenantPath">To whom: the tenant's path.</param>
/// <param name="Subject">The id of the thing it is about (m_…, s_…), for the page and the search.</param>
/// <param name="Data">A small JSON object of facts. Never bodies, secrets, or payloads.</param>
/// <param name="EvidenceHash">Hex SHA-256 of the evidence that lies apart, or null.</param>
public sealed record Event(string Id, string Type, long TimeMicros, string TenantPath, string Subject, string Data, string? EvidenceHash = null);
