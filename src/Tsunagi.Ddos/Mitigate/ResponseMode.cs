namespace Tsunagi.Ddos.Mitigate;

/// <summary>What is done about an attack on a protection's prefixes without being asked. Each protection begins with the first.</summary>
public static class ResponseMode
{
    /// <summary>It is told, with the rules that would stop it; nothing else.</summary>
    public const string Observe = "observe";

    /// <summary>The rules wait on the incident's page for somebody to release them.</summary>
    public const string Ask = "ask";

    /// <summary>The rules go out by themselves.</summary>
    public const string Automatic = "automatic";

    public static IReadOnlyList<string> All { get; } = [Observe, Ask, Automatic];
}
