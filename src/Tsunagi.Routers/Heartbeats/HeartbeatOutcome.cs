namespace Tsunagi.Routers.Heartbeats;

/// <summary>What became of a datagram.</summary>
internal enum HeartbeatOutcome
{
    /// <summary>Genuine, new, and taken.</summary>
    Heard,

    /// <summary>No heartbeat, or a broken one.</summary>
    Unread,

    /// <summary>Of an id that this node does not know: the store is asked.</summary>
    Unknown,

    /// <summary>Of an id that the store did not know a moment ago, or of one more than a node holds.</summary>
    Nobody,

    /// <summary>Its HMAC was made with another passphrase.</summary>
    WrongKey,

    /// <summary>The same; the passphrase may have been made anew on another node: the store is asked.</summary>
    PerhapsNewKey,

    /// <summary>Less than half an interval after the one before.</summary>
    Early,

    /// <summary>Its counters are lower than those of the one before, and nothing continued them: a replay, until the next one shows that they began anew.</summary>
    Older,
}
