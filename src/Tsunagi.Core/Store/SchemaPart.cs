namespace Tsunagi.Core.Store;

/// <summary>
/// The tables of one owner ("core", "mail") in one store: numbered steps, each run once, in order, inside a transaction. A step is never
/// edited after a release; a change is a new step. Every table with a <c>tenant_path</c> column is guarded by row-level security on PostgreSQL.
/// </summary>
/// <param name="SharedTables">
/// Tables without a <c>tenant_path</c> that tenant queries may join (plans, say). Any other such table is closed to a tenant's queries on
/// PostgreSQL, so a child table that forgot its path shows at once.
/// </param>
public sealed record SchemaPart(string Owner, StoreKind Store, IReadOnlyList<SchemaStep> Steps, IReadOnlyList<string>? SharedTables = null);

/// <summary>
/// One numbered change of a schema. Statements end with a semicolon. Types are INTEGER (64 bits), TEXT, REAL and BLOB; text sorts by its bytes on
/// both databases, and columns that are compared by range say COLLATE_BINARY. No column numbers itself.
/// </summary>
/// <param name="Number">1, 2, 3 ... without a gap.</param>
/// <param name="Postgres">Runs after the shared text, on PostgreSQL only.</param>
/// <param name="Sqlite">Runs after the shared text, on SQLite only.</param>
public sealed record SchemaStep(int Number, string Sql, string? Postgres = null, string? Sqlite = null);

/// <summary>Which of the two stores.</summary>
public enum StoreKind
{
    Control,
    Projections,
}
