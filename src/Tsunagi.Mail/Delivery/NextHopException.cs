namespace Tsunagi.Mail.Delivery;

/// <summary>A next hop that is silent, speaks nonsense, or left. The message is a sentence for trace pages.</summary>
internal sealed class NextHopException(string message, Exception? inner) : Exception(message, inner);
