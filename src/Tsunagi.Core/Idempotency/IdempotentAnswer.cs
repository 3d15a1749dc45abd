namespace Tsunagi.Core.Idempotency;

/// <summary>What a request was answered: a status and a text (JSON).</summary>
public sealed record IdempotentAnswer(int Status, string Body);

/// <summary>How a request with an idempotency key is to be treated.</summary>
public enum IdempotencyVerdict
{
    /// <summary>The key is new: the request was run, or is to be run now.</summary>
    New,

    /// <summary>The same request was answered before; this is its answer.</summary>
    Replayed,

    /// <summary>The key was used for another request (HTTP 409).</summary>
    Conflict,

    /// <summary>The same request is running (HTTP 409, try again).</summary>
    Running,

    /// <summary>Too many keys of this owner are remembered; nothing was run (HTTP 429).</summary>
    Full,
}

/// <summary>The verdict, with the answer when there is one.</summary>
public readonly record struct IdempotencyResult(IdempotencyVerdict Verdict, IdempotentAnswer? Answer);
