namespace Tsunagi.Core.Store;

/// <summary>The tables of a database do not fit this program; the start must stop. The message says which and what to do.</summary>
public sealed class SchemaException(string message) : Exception(message);
