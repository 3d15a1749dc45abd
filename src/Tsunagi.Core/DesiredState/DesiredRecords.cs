using System.Text.Json;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.DesiredState;

/// <summary>
/// The wishes in the control store. Each write takes the next number of the one revision counter, so a node that has seen revision N reads what
/// came after it and misses nothing.
/// </summary>
public sealed class DesiredRecords(DesiredSignal signal)
{
    public async ValueTask PutAsync(ISqlTransaction transaction, DesiredRecord record, string module)
    {
        var revision = await NextRevisionAsync(transaction);
        await transaction.ExecuteAsync(
            """
            INSERT INTO desired_record (key, tenant_path, tenant_id, module, kind, owner, priority, settings, holds, expires_at, withdrawn, revision)
            VALUES (@Key, @TenantPath, @TenantId, @Module, @Kind, @Owner, @Priority, @Settings, @Holds, @ExpiresMicros, 0, @Revision)
            ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, owner = excluded.owner, priority = excluded.priority, settings = excluded.settings,
              holds = excluded.holds, expires_at = excluded.expires_at, withdrawn = 0, revision = excluded.revision
            """,
            new
            {
                record.Key, record.TenantPath, record.TenantId, Module = module, record.Kind, record.Owner, Priority = (long)record.Priority, record.Settings,
                Holds = JsonSerializer.Serialize(record.Holds), record.ExpiresMicros, Revision = revision,
            });
        transaction.OnCommitted(signal.Pulse);
    }

    /// <summary>Ends a wish. The row stays, withdrawn, so that every node learns of it.</summary>
    public async ValueTask WithdrawAsync(ISqlTransaction transaction, string key)
    {
        var revision = await NextRevisionAsync(transaction);
        await transaction.ExecuteAsync("UPDATE desired_record SET withdrawn = 1, revision = @Revision WHERE key = @Key", new { Revision = revision, Key = key });
        transaction.OnCommitted(signal.Pulse);
    }

    private static ValueTask<long> NextRevisionAsync(ISqlTransaction transaction) =>
        transaction.FirstOrDefaultAsync<long>("UPDATE desired_revision SET revision = revision + 1 WHERE one = 1 RETURNING revision");
}
