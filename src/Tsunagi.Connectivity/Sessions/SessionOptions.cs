using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Sessions;

/// <summary>How access servers are asked to end and change sessions.</summary>
public sealed record SessionOptions
{
    /// <summary>How often a Disconnect or CoA request is sent before it counts as unanswered.</summary>
    [Range(1, 10)]
    public int ActTries { get; init; } = 3;

    /// <summary>How long each is waited for.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30")]
    public TimeSpan ActWait { get; init; } = TimeSpan.FromSeconds(2);
}
