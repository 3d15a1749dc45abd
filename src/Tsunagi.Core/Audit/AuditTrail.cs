using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Audit;

/// <summary>
/// Who did what: one entry for each change, written in the change's own transaction, and one for each look at content. Entries form a hash chain,
/// so that a row edited, added or taken out behind the program's back shows. The chain has one head per store, which orders all changes: the control
/// store has one writer anyway, and on PostgreSQL the head's row lock keeps the chain in commit order.
/// </summary>
public sealed class AuditTrail(Stores stores, TimeProvider time)
{
    private const string Columns = "position, id, at, actor_id, actor_name, act, subject, tenant_path, before, after, reason, hash";
    private const int VerifyBatch = 1_000;

    public static readonly TenantQuery Page = new("audit.page", $$"""
        SELECT {{Columns}} FROM audit WHERE {tenant} AND position < @Before
        AND (@Actor = '' OR actor_id = @Actor OR actor_name = @Actor) AND (@Subject = '' OR subject = @Subject)
        AND act >= @ActFrom AND act < @ActTo AND at >= @From AND at < @To ORDER BY position DESC LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("audit.by-id", $$"""SELECT {{Columns}} FROM audit WHERE {tenant} AND id = @Id""");

    public static readonly SchemaPart Schema = new("audit", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE audit (
              position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, actor_id TEXT NOT NULL, actor_name TEXT NOT NULL,
              act TEXT NOT NULL COLLATE_BINARY, subject TEXT NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY,
              before TEXT, after TEXT, reason TEXT, hash TEXT NOT NULL);
            CREATE INDEX audit_tenant ON audit (tenant_path, position);
            CREATE INDEX audit_subject ON audit (subject, position);
            CREATE INDEX audit_actor ON audit (actor_id, position);
            CREATE TABLE audit_head (one INTEGER PRIMARY KEY, position INTEGER NOT NULL, hash TEXT NOT NULL);
            INSERT INTO audit_head (one, position, hash) VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
            """),
    ]);

    /// <summary>Adds an entry to the transaction of the change it tells of.</summary>
    /// <param name="act">"tenant.created": module or noun, noun, past participle.</param>
    /// <param name="tenantPath">Whose thing it is, not who acted.</param>
    /// <param name="before">The thing before, as an object; secrets are masked here.</param>
    /// <param name="reason">What the actor said; required by the callers that open content.</param>
    public async ValueTask AppendAsync(
        ISqlTransaction transaction, Caller who, string act, string subject, string tenantPath, object? before, object? after, string? reason = null)
    {
        var head = await transaction.FirstOrDefaultAsync<Head>("UPDATE audit_head SET position = position + 1 WHERE one = 1 RETURNING position, hash")
            ?? throw new InvalidOperationException("the audit has lost its head row: verify the chain before anything is changed");
        var entry = new AuditEntry(
            head.Position, Id.New("a", time), time.NowMicros(), who.ActorId, who.ActorName, act, subject, tenantPath,
            AuditJson.From(before), AuditJson.From(after), reason, "");
        entry = entry with { Hash = AuditChain.HashOf(head.Hash, entry) };
        await transaction.ExecuteAsync(
            $"""
            INSERT INTO audit ({Columns})
            VALUES (@Position, @Id, @At, @ActorId, @ActorName, @Act, @Subject, @TenantPath, @Before, @After, @Reason, @Hash)
            """,
            entry);
        await transaction.ExecuteAsync("UPDATE audit_head SET hash = @Hash WHERE one = 1", new { entry.Hash });
    }

    /// <summary>Records that someone looked at content, before it is shown: when this fails, nothing is shown.</summary>
    public async ValueTask RecordReadAsync(Caller who, string act, string subject, string tenantPath, string reason, CancellationToken cancellationToken) =>
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await AppendAsync(transaction, who, act, subject, tenantPath, null, null, reason);
                return true;
            },
            cancellationToken);

    /// <summary>Entries the caller may see, newest first.</summary>
    /// <param name="before">Only entries below this position; <see cref="long.MaxValue"/> for the newest.</param>
    public ValueTask<IReadOnlyList<AuditEntry>> ListAsync(Caller caller, AuditFilter filter, long before, int limit, CancellationToken cancellationToken)
    {
        var (actFrom, actTo) = filter.Act switch
        {
            null or "" => ("", "\uffff"),
            [.., '.'] beginning => (beginning, beginning[..^1] + "/"),
            var whole => (whole, whole + "\u0001"),
        };
        return new TenantStore(stores.Control, caller.Scope).QueryAsync<AuditEntry>(
            Page,
            new
            {
                Before = before, Actor = filter.Actor ?? "", Subject = filter.Subject ?? "", ActFrom = actFrom, ActTo = actTo,
                From = filter.FromMicros ?? long.MinValue, To = filter.ToMicros ?? long.MaxValue, Limit = (long)limit,
            },
            cancellationToken);
    }

    public ValueTask<AuditEntry?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<AuditEntry>(ById, new { Id = id }, cancellationToken);

    /// <summary>Reads the whole chain and recomputes it. Runs beside the writer; entries added meanwhile are left out.</summary>
    public async ValueTask<AuditVerification> VerifyAsync(CancellationToken cancellationToken)
    {
        var head = await stores.Control.ReadAsync(
            static reader => reader.FirstOrDefaultAsync<Head>("SELECT position, hash FROM audit_head WHERE one = 1"), cancellationToken);
        if (head is null)
        {
            return new AuditVerification(0, AuditChain.Beginning, 1, "the head row is missing");
        }

        var (hash, next) = (AuditChain.Beginning, 1L);
        while (next <= head.Position)
        {
            var batch = await stores.Control.ReadAsync(
                reader => reader.QueryAsync<AuditEntry>(
                    $"SELECT {Columns} FROM audit WHERE position >= @Next AND position <= @Last ORDER BY position LIMIT @Limit",
                    new { Next = next, Last = head.Position, Limit = (long)VerifyBatch }),
                cancellationToken);
            foreach (var entry in batch)
            {
                if (Problem(entry, hash, next) is { } problem)
                {
                    return new AuditVerification(next - 1, hash, next, problem);
                }

                (hash, next) = (entry.Hash, next + 1);
            }

            if (batch.Count == 0)
            {
                return new AuditVerification(next - 1, hash, next, $"entries {next} to {head.Position} are missing");
            }
        }

        return hash == head.Hash
            ? new AuditVerification(head.Position, hash, null, null)
            : new AuditVerification(head.Position, hash, head.Position, "the head names another hash than the last entry");
    }

    private static string? Problem(AuditEntry entry, string formerHash, long expected) =>
        entry.Position != expected ? $"entry {expected} is missing"
        : AuditChain.HashOf(formerHash, entry) != entry.Hash ? $"entry {expected} ({entry.Id}) was changed after it was written, or an entry before it was replaced"
        : null;

    private sealed record Head(long Position, string Hash);
}
