using System.Diagnostics;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;

namespace Tsunagi.Mail.Meters;

/// <summary>
/// Spans of a message's way: accept, spool, attempt. The trace's id is the message's own id in bytes, so the spans of a message are one trace over restarts and
/// over nodes, nothing is carried along for it, and whoever has the one id has the other. While nobody listens nothing is allocated.
/// </summary>
internal static class MailTracing
{
    public const string SourceName = "Tsunagi.Mail";
    public const string Accept = "mail.accept";
    public const string Store = "mail.spool";
    public const string Attempt = "mail.attempt";

    /// <summary>Tag: the message's id.</summary>
    public const string Message = "tsunagi.mail.message";

    /// <summary>Tag of an attempt: the message's state after it. Set when that is on the disk.</summary>
    public const string Outcome = "tsunagi.mail.outcome";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>From the client's wish to send the content to our answer about it.</summary>
    public static Activity? StartAccept(SpoolId id, long startedMicros) =>
        Source.HasListeners() ? Start(Accept, id, ActivityKind.Server, UnixMicros.ToDateTimeOffset(startedMicros)) : null;

    /// <summary>The write that makes it durable.</summary>
    public static Activity? StartStore(SpoolId id) => Source.HasListeners() ? Start(Store, id, ActivityKind.Internal, default) : null;

    /// <summary>One transaction with a next hop, until its outcome is on the disk.</summary>
    public static Activity? StartAttempt(SpoolId id, NextHop nextHop)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var activity = Start(Attempt, id, ActivityKind.Client, default);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("server.address", nextHop.Host).SetTag("server.port", nextHop.Port);
        }

        return activity;
    }

    /// <summary>The trace's id of a message.</summary>
    public static ActivityTraceId TraceIdOf(SpoolId id)
    {
        Span<byte> bytes = stackalloc byte[SpoolId.Size];
        id.Write(bytes);
        return ActivityTraceId.CreateFromBytes(bytes);
    }

    private static Activity? Start(string name, SpoolId id, ActivityKind kind, DateTimeOffset started)
    {
        // The random part of the id stands for the message itself, the parent of all its spans.
        Span<byte> bytes = stackalloc byte[SpoolId.Size];
        id.Write(bytes);
        var parent = new ActivityContext(ActivityTraceId.CreateFromBytes(bytes), ActivitySpanId.CreateFromBytes(bytes[8..]), ActivityTraceFlags.None, isRemote: true);
        var activity = Source.StartActivity(name, kind, parent, startTime: started);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag(Message, id.ToString());
        }

        return activity;
    }
}
