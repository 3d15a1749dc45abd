using Tsunagi.Protocols.Cpe.Cwmp;

namespace Tsunagi.Routers.Tasks;

/// <summary>Restarts a router, once. It is done when the router says that it started.</summary>
internal sealed class RebootScript(string key) : TaskScript
{
    private bool _asked;

    public override bool HasEffect => true;

    public override CwmpMessage? Next()
    {
        if (_asked)
        {
            return null;
        }

        _asked = true;
        return new Reboot(key);
    }

    public override void Take(CwmpMessage answer)
    {
        if (answer is CwmpFault fault)
        {
            End = TaskEnd.Of(fault);
        }
    }
}
