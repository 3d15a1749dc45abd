namespace Tsunagi.Core.Store;

/// <summary>Which of the two databases a store stands on. Callers ask only where an overlay needs what one of them lacks.</summary>
public enum SqlDialect
{
    Sqlite,
    Postgres,
}
