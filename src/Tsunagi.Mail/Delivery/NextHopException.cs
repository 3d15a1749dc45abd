namespace Tsunagi.Mail.Delivery;

/// <summary>A next hop that is silent, speaks nonsense, left, or may not be dialled. The message is a sentence for trace pages.</summary>
internal sealed class NextHopException(string message, Exception? inner) : Exception(message, inner)
{
    /// <summary>The node's policy on addresses does not let us dial it.</summary>
    public bool IsForbidden { get; init; }
}
