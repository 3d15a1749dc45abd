using System.Security.Cryptography;
using System.Text;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Store;

/// <summary>Brings the tables of a store up to date: runs each owner's steps that have not run yet, in order, each in its own transaction.</summary>
public static class Schema
{
    private const string StepTable = """
        CREATE TABLE IF NOT EXISTS schema_step (
            owner TEXT NOT NULL,
            number INTEGER NOT NULL,
            applied_at INTEGER NOT NULL,
            hash TEXT NOT NULL,
            PRIMARY KEY (owner, number));
        """;

    /// <summary>Brings both stores up to date.</summary>
    /// <exception cref="SchemaException">A step was edited after it ran, or the database is newer than the program.</exception>
    public static async Task ApplyAsync(Stores stores, IReadOnlyCollection<SchemaPart> parts, TimeProvider time, CancellationToken cancellationToken)
    {
        await ApplyAsync(stores.Control, parts.Where(static part => part.Store == StoreKind.Control), time, cancellationToken);
        await ApplyAsync(stores.Projections, parts.Where(static part => part.Store == StoreKind.Projections), time, cancellationToken);
    }

    /// <summary>Brings one store up to date with these parts, which must all be meant for it.</summary>
    /// <exception cref="SchemaException">A step was edited after it ran, or the database is newer than the program.</exception>
    public static async Task ApplyAsync(IStore store, IEnumerable<SchemaPart> parts, TimeProvider time, CancellationToken cancellationToken)
    {
        var text = SchemaText.For(StepTable, store.Dialect);
        try
        {
            await store.WriteAsync(transaction => transaction.ExecuteAsync(text), cancellationToken);
        }
        catch (ConstraintViolationException)
        {
            // PostgreSQL's IF NOT EXISTS does not cover another node that makes it at the same moment.
            await store.WriteAsync(transaction => transaction.ExecuteAsync(text), cancellationToken);
        }

        var all = parts.ToList();
        foreach (var part in all)
        {
            Check(part);
            await ApplyAsync(store, part, time, cancellationToken);
        }

        if (store.Dialect == SqlDialect.Postgres)
        {
            var shared = all.SelectMany(static part => part.SharedTables ?? []).ToList();
            await store.WriteAsync(transaction => TenantRowSecurity.ApplyAsync(transaction, shared), cancellationToken);
        }
    }

    private static void Check(SchemaPart part)
    {
        for (var i = 0; i < part.Steps.Count; i++)
        {
            if (part.Steps[i].Number != i + 1)
            {
                throw new SchemaException($"schema of {part.Owner}: step {part.Steps[i].Number} stands where step {i + 1} should");
            }
        }
    }

    private static async Task ApplyAsync(IStore store, SchemaPart part, TimeProvider time, CancellationToken cancellationToken)
    {
        while (await store.WriteAsync(transaction => ApplyNextAsync(transaction, part, time), cancellationToken))
        {
        }
    }

    /// <summary>Runs the next missing step; false when none is missing. Another node may do the same at the same moment.</summary>
    private static async ValueTask<bool> ApplyNextAsync(ISqlTransaction transaction, SchemaPart part, TimeProvider time)
    {
        if (transaction.Dialect == SqlDialect.Postgres)
        {
            // First statement, so that the snapshot is taken after the other node's steps.
            await transaction.ExecuteAsync("LOCK TABLE schema_step IN EXCLUSIVE MODE");
        }

        var applied = await transaction.QueryAsync<AppliedStep>("SELECT number, hash FROM schema_step WHERE owner = @Owner ORDER BY number", new { part.Owner });
        if (applied.Count > part.Steps.Count)
        {
            throw new SchemaException(
                $"schema of {part.Owner}: the database has step {applied.Count}, this program knows {part.Steps.Count}: it was used by a newer version; start that one");
        }

        for (var i = 0; i < applied.Count; i++)
        {
            if (applied[i].Hash != HashOf(part.Steps[i]))
            {
                throw new SchemaException($"schema of {part.Owner}: step {i + 1} was edited after it ran here; put its text back and make the change a new step");
            }
        }

        if (applied.Count == part.Steps.Count)
        {
            return false;
        }

        var step = part.Steps[applied.Count];
        foreach (var sql in (string?[])[step.Sql, transaction.Dialect == SqlDialect.Postgres ? step.Postgres : step.Sqlite])
        {
            if (!string.IsNullOrWhiteSpace(sql))
            {
                await transaction.ExecuteAsync(SchemaText.For(sql, transaction.Dialect));
            }
        }

        await transaction.ExecuteAsync(
            "INSERT INTO schema_step (owner, number, applied_at, hash) VALUES (@Owner, @Number, @At, @Hash)",
            new { part.Owner, step.Number, At = time.NowMicros(), Hash = HashOf(step) });
        return true;
    }

    private static string HashOf(SchemaStep step)
    {
        var text = string.Join('\u001f', step.Sql, step.Postgres, step.Sqlite).ReplaceLineEndings("\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private sealed record AppliedStep(int Number, string Hash);
}
