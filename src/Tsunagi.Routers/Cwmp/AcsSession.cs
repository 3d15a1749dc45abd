using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Tasks;

namespace Tsunagi.Routers.Cwmp;

/// <summary>One session of one router, from its Inform to the empty answer. Its requests come one after the other.</summary>
internal sealed class AcsSession(string cookie, RouterDevice device, CwmpVersion version, long startedAt)
{
    public string Cookie => cookie;

    public RouterDevice Device { get; set; } = device;

    public CwmpVersion Version => version;

    public long StartedAt { get; } = startedAt;

    public long LastAt { get; set; } = startedAt;

    public SessionState State { get; set; } = SessionState.RouterSpeaks;

    public RouterTask? Task { get; set; }

    public TaskScript? Script { get; set; }

    public int Requests { get; set; }

    public bool IsOver { get; set; }

    /// <summary>One request of a session at a time.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);
}

/// <summary>Whose word it is.</summary>
internal enum SessionState
{
    /// <summary>After the Inform: the router may send requests of its own; an empty post ends them.</summary>
    RouterSpeaks,

    /// <summary>We asked: the next post is the router's answer.</summary>
    RouterAnswers,
}

/// <summary>What a router posted.</summary>
internal enum SessionInput
{
    Inform,
    Request,
    Empty,
    Answer,
}

/// <summary>What is done about it.</summary>
internal enum SessionStep
{
    /// <summary>A session begins, anew if there was one.</summary>
    Begin,

    /// <summary>The router's own request is answered.</summary>
    Reply,

    /// <summary>Our next request goes out, or the empty answer that ends the session.</summary>
    Ask,

    /// <summary>The answer goes to the task, then as Ask.</summary>
    Take,

    /// <summary>The task begins anew in a later session; then as Ask.</summary>
    Lose,

    /// <summary>Out of order: the session ends with an error.</summary>
    Refuse,
}

/// <summary>The order of a session (TR-069 A6 3.7.2) as a table.</summary>
internal static class SessionTable
{
    private static readonly Dictionary<(SessionState, SessionInput), SessionStep> Steps = new()
    {
        [(SessionState.RouterSpeaks, SessionInput.Inform)] = SessionStep.Begin,
        [(SessionState.RouterSpeaks, SessionInput.Request)] = SessionStep.Reply,
        [(SessionState.RouterSpeaks, SessionInput.Empty)] = SessionStep.Ask,
        [(SessionState.RouterSpeaks, SessionInput.Answer)] = SessionStep.Refuse,
        [(SessionState.RouterAnswers, SessionInput.Inform)] = SessionStep.Begin,
        [(SessionState.RouterAnswers, SessionInput.Request)] = SessionStep.Reply,
        [(SessionState.RouterAnswers, SessionInput.Empty)] = SessionStep.Lose,
        [(SessionState.RouterAnswers, SessionInput.Answer)] = SessionStep.Take,
    };

    public static SessionStep Step(SessionState state, SessionInput input) => Steps[(state, input)];

    public static SessionInput InputOf(CwmpEnvelope? envelope) => envelope?.Message switch
    {
        null => SessionInput.Empty,
        Inform => SessionInput.Inform,
        { IsResponse: true } => SessionInput.Answer,
        _ => SessionInput.Request,
    };
}
