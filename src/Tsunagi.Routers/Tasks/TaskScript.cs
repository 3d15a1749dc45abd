using Tsunagi.Protocols.Cpe.Cwmp;

namespace Tsunagi.Routers.Tasks;

/// <summary>
/// What a task says to its router, one request at a time. The session calls <see cref="Next"/>, sends it, and gives the answer to <see cref="Take"/>, until Next is
/// null; then <see cref="End"/> tells how it ended, or is null when the rest comes in a later session.
/// </summary>
internal abstract class TaskScript
{
    /// <summary>True when the next request changes something on the router: it is noted before it is sent.</summary>
    public virtual bool HasEffect => false;

    public TaskEnd? End { get; protected set; }

    public abstract CwmpMessage? Next();

    /// <summary>The answer to what Next gave: a response of that method, or a fault.</summary>
    public abstract void Take(CwmpMessage answer);
}
