namespace Tsunagi.Core.Store;

/// <summary>The database did not answer within the store's deadline. What was being done is in the message; the caller may try again later.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
