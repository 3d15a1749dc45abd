using Tsunagi.Protocols.Cpe.Xml;

namespace Tsunagi.Protocols.Cpe.Cwmp;

/// <summary>The first word of each session (TR-069 A6 A.3.3.1).</summary>
public sealed record Inform : CwmpMessage
{
    /// <summary>Who it is.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>Why it calls, at least one.</summary>
    public IReadOnlyList<InformEvent> Events { get; init; } = [];

    /// <summary>Always 1 today.</summary>
    public int MaxEnvelopes { get; init; } = 1;

    /// <summary>The device's clock, as it was written; "0001-01-01T00:00:00Z" when it does not know.</summary>
    public string CurrentTime { get; init; } = "";

    /// <summary>How often the session was tried before.</summary>
    public int RetryCount { get; init; }

    /// <summary>The values that go with each Inform, and those that changed.</summary>
    public IReadOnlyList<ParameterValue> Parameters { get; init; } = [];

    private protected override void WriteFields(XmlOut output)
    {
        output.Start("DeviceId");
        output.Field("Manufacturer", Device.Manufacturer);
        output.Field("OUI", Device.Oui);
        output.Field("ProductClass", Device.ProductClass);
        output.Field("SerialNumber", Device.SerialNumber);
        output.End("DeviceId");
        CwmpFields.List(output, "Event", "EventStruct", Events, static (output, item) =>
        {
            output.Field("EventCode", item.Code);
            output.Field("CommandKey", item.CommandKey);
        });
        output.Field("MaxEnvelopes", MaxEnvelopes);
        output.Field("CurrentTime", CurrentTime);
        output.Field("RetryCount", RetryCount);
        CwmpFields.Values(output, Parameters);
    }

    internal static Inform Read(XmlNode node)
    {
        var device = node.Child("DeviceId");
        return new Inform
        {
            Device = new DeviceId(device?.Word("Manufacturer") ?? "", device?.Word("OUI") ?? "", device?.Word("ProductClass") ?? "", device?.Word("SerialNumber") ?? ""),
            Events = [.. node.Child("Event")?.Children.Select(static item => new InformEvent(item.Word("EventCode"), item.Word("CommandKey"))) ?? []],
            MaxEnvelopes = CwmpFields.Int(node, "MaxEnvelopes"),
            CurrentTime = node.Word("CurrentTime"),
            RetryCount = CwmpFields.Int(node, "RetryCount"),
            Parameters = CwmpFields.Items<ParameterValue>(node),
        };
    }
}

/// <summary>Who a device is (TR-069 A6 A.3.3.1, DeviceIdStruct): manufacturer's OUI and serial number are unique, within the product class where it has one.</summary>
/// <param name="Manufacturer">For people.</param>
/// <param name="Oui">Six upper-case hexadecimal digits, as it was written.</param>
/// <param name="ProductClass">Empty where serial numbers are unique without.</param>
/// <param name="SerialNumber">As it was written.</param>
public sealed record DeviceId(string Manufacturer, string Oui, string ProductClass, string SerialNumber);

/// <summary>Why a device calls.</summary>
/// <param name="Code">"0 BOOTSTRAP", "1 BOOT", "2 PERIODIC", "M Reboot", "X …".</param>
/// <param name="CommandKey">Of the method that caused it; empty otherwise.</param>
public sealed record InformEvent(string Code, string CommandKey = "")
{
    /// <summary>What stands before the blank: the number, M, or X.</summary>
    public string Number => Code.Split(' ', 2)[0];
}

/// <summary>The ACS took the Inform.</summary>
/// <param name="MaxEnvelopes">Always 1.</param>
public sealed record InformResponse(int MaxEnvelopes = 1) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output) => output.Field("MaxEnvelopes", MaxEnvelopes);
}
