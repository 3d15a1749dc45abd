using Tsunagi.Protocols.Cpe.Xml;

namespace Tsunagi.Protocols.Cpe.Cwmp;

/// <summary>Restarts the device after the session (TR-069 A6 A.3.2.9).</summary>
/// <param name="CommandKey">Comes back in the Inform with "M Reboot".</param>
public sealed record Reboot(string CommandKey) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output) => output.Field("CommandKey", CommandKey);
}

/// <summary>It will restart.</summary>
public sealed record RebootResponse : CwmpMessage;

/// <summary>Back to what the factory set, after the session (TR-069 A6 A.4.1.6).</summary>
public sealed record FactoryReset : CwmpMessage;

/// <summary>It will.</summary>
public sealed record FactoryResetResponse : CwmpMessage;

/// <summary>Asks the device to call after a while (TR-069 A6 A.4.1.2).</summary>
/// <param name="DelaySeconds">After so many seconds.</param>
/// <param name="CommandKey">Comes back in the Inform with "M ScheduleInform".</param>
public sealed record ScheduleInform(long DelaySeconds, string CommandKey) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output)
    {
        output.Field("DelaySeconds", DelaySeconds);
        output.Field("CommandKey", CommandKey);
    }

    internal static ScheduleInform Read(XmlNode node) => new(node.Number("DelaySeconds"), node.Word("CommandKey"));
}

/// <summary>It will call.</summary>
public sealed record ScheduleInformResponse : CwmpMessage;
