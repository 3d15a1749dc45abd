namespace Tsunagi.Core.Store;

/// <summary>
/// The tables of one owner ("core", "mail") in one store: numbered steps, each run once, in order, inside a transaction. A step is never
/// edited after a release; a change is a new step. <paramref name="Postgres"/> of a step, where given, runs after the shared text on PostgreSQL only.
/// </summary>
public sealed record SchemaPart(string Owner, StoreKind Store, IReadOnlyList<SchemaStep> Steps);

/// <summary>One numbered change of a schema. Statements end with a semicolon. Text columns that are compared by range say COLLATE_BINARY.</summary>
public sealed record SchemaStep(int Number, string Sql, string? Postgres = null, string? Sqlite = null);

/// <summary>Which of the two stores.</summary>
public enum StoreKind
{
    Control,
    Projections,
}
