namespace Tsunagi.Core.Secrets;

/// <summary>The keys on disk do not fit what the store holds; the start must stop. The message says which file and what to do.</summary>
public sealed class SecretsException(string message, Exception? inner = null) : Exception(message, inner);
