namespace Tsunagi.Core.Nodes;

/// <summary>How nodes tell each other that they live.</summary>
public sealed record NodeBeatOptions
{
    /// <summary>How often a node writes that it lives. A change of its readiness is written at once.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a node looks whether its readiness changed.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A node not heard of for this long is shown as away.</summary>
    public TimeSpan AwayAfter { get; init; } = TimeSpan.FromSeconds(35);

    /// <summary>A node not heard of for this long is taken off the list.</summary>
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromDays(30);
}
