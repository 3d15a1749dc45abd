using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Trace;

namespace Tsunagi.Mail.WhatIf;

/// <summary>Messages that arrived for a part of the tenant tree, newest first, a page at a time: with their recipients and the stored verdict, and nothing of their content.</summary>
internal sealed class PastMessages(Stores stores)
{
    private const int Together = 500;

    // What customers send (64), our reports (16) and what the quarantine gave back (32) were not judged as arriving mail.
    private const string Arrived = """
        FROM mail_message m LEFT JOIN mail_verdict v ON v.message_id = m.id
        WHERE {tenant:m} AND m.id < @Before AND m.id >= @From AND (m.flags & 112) = 0 ORDER BY m.id DESC LIMIT @Limit
        """;

    private const string Columns = "m.id, m.tenant_path, m.subscription_id, m.accepted_at, m.sender, m.transaction_id, coalesce(v.facts, '') AS facts";

    public static readonly TenantQuery Newest = new("mail.what-if.newest", $$"""
        SELECT {{Columns}}, coalesce((SELECT group_concat(recipient, char(10)) FROM (SELECT recipient FROM mail_recipient WHERE message_id = m.id ORDER BY position)), '') AS recipients {{Arrived}}
        """, $$"""
        SELECT {{Columns}}, coalesce((SELECT string_agg(recipient, chr(10) ORDER BY position) FROM mail_recipient WHERE message_id = m.id), '') AS recipients {{Arrived}}
        """);

    /// <param name="scope">Whose messages: the tenant and all below it.</param>
    public async IAsyncEnumerable<IReadOnlyList<PastMessage>> PagesAsync(
        TenantScope scope, DateTimeOffset from, DateTimeOffset to, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var store = new TenantStore(stores.Projections, scope);
        var (first, before) = (TraceRetention.FirstIdAt(from), TraceRetention.FirstIdAt(to));
        while (true)
        {
            var page = await store.QueryAsync<PastMessage>(Newest, new { Before = before, From = first, Limit = (long)Together }, cancellationToken);
            if (page.Count > 0)
            {
                yield return page;
            }

            if (page.Count < Together)
            {
                yield break;
            }

            before = page[^1].Id;
        }
    }
}

/// <summary>A message as it is judged anew.</summary>
/// <param name="TransactionId">The same for the parts of one transmission; empty where there was one.</param>
/// <param name="Facts">The stored verdict in base64; empty where nothing was checked.</param>
/// <param name="Recipients">One a line, in lower case.</param>
internal sealed record PastMessage(string Id, string TenantPath, string SubscriptionId, long AcceptedAt, string Sender, string TransactionId, string Facts, string Recipients);
