using Tsunagi.Protocols.Cpe.Xml;

namespace Tsunagi.Protocols.Cpe.Cwmp;

/// <summary>Which methods the other side has (TR-069 A6 A.3.1.1).</summary>
public sealed record GetRpcMethods : CwmpMessage
{
    /// <inheritdoc/>
    public override string Method => "GetRPCMethods";
}

/// <summary>The methods.</summary>
/// <param name="Methods">Their names.</param>
public sealed record GetRpcMethodsResponse(IReadOnlyList<string> Methods) : CwmpMessage
{
    /// <inheritdoc/>
    public override string Method => "GetRPCMethodsResponse";

    private protected override void WriteFields(XmlOut output) => CwmpFields.Texts(output, "MethodList", Methods);

    internal static GetRpcMethodsResponse Read(XmlNode node) => new(CwmpFields.Texts(node, "MethodList"));
}

/// <summary>Sets parameters, all or none (TR-069 A6 A.3.2.1).</summary>
/// <param name="Parameters">Names, values and types.</param>
/// <param name="ParameterKey">What ManagementServer.ParameterKey becomes.</param>
public sealed record SetParameterValues(IReadOnlyList<ParameterValue> Parameters, string ParameterKey) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output)
    {
        CwmpFields.Values(output, Parameters);
        output.Field("ParameterKey", ParameterKey);
    }

    internal static SetParameterValues Read(XmlNode node) => new(CwmpFields.Items<ParameterValue>(node), node.Word("ParameterKey"));
}

/// <summary>All were set.</summary>
/// <param name="Status">0: in force. 1: after a reboot or when the device gets to it.</param>
public sealed record SetParameterValuesResponse(int Status) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output) => output.Field("Status", Status);
}

/// <summary>Asks for values (TR-069 A6 A.3.2.2).</summary>
/// <param name="Names">Full paths, or partial ones that end with a dot.</param>
public sealed record GetParameterValues(IReadOnlyList<string> Names) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output) => CwmpFields.Texts(output, "ParameterNames", Names);

    internal static GetParameterValues Read(XmlNode node) => new(CwmpFields.Texts(node, "ParameterNames"));
}

/// <summary>The values.</summary>
/// <param name="Parameters">In the device's order.</param>
public sealed record GetParameterValuesResponse(IReadOnlyList<ParameterValue> Parameters) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output) => CwmpFields.Values(output, Parameters);

    internal static GetParameterValuesResponse Read(XmlNode node) => new(CwmpFields.Items<ParameterValue>(node));
}

/// <summary>Asks for names (TR-069 A6 A.3.2.3).</summary>
/// <param name="Path">A path; empty or one that ends with a dot for what is below it.</param>
/// <param name="NextLevel">Only what is directly below.</param>
public sealed record GetParameterNames(string Path, bool NextLevel) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output)
    {
        output.Field("ParameterPath", Path);
        output.Field("NextLevel", NextLevel);
    }

    internal static GetParameterNames Read(XmlNode node) => new(node.Word("ParameterPath"), node.Truth("NextLevel"));
}

/// <summary>The names.</summary>
/// <param name="Parameters">In the device's order.</param>
public sealed record GetParameterNamesResponse(IReadOnlyList<ParameterInfo> Parameters) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output) => CwmpFields.List(output, "ParameterList", "ParameterInfoStruct", Parameters, static (output, item) =>
    {
        output.Field("Name", item.Name);
        output.Field("Writable", item.Writable);
    });

    internal static GetParameterNamesResponse Read(XmlNode node) => new(CwmpFields.Items<ParameterInfo>(node));
}

/// <summary>Sets what is told of changes, and who may write (TR-069 A6 A.3.2.4).</summary>
/// <param name="Parameters">What to change.</param>
public sealed record SetParameterAttributes(IReadOnlyList<ParameterAttributes> Parameters) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output) => CwmpFields.List(output, "ParameterList", "SetParameterAttributesStruct", Parameters, static (output, item) =>
    {
        output.Field("Name", item.Name);
        output.Field("NotificationChange", item.NotificationChange);
        output.Field("Notification", item.Notification);
        output.Field("AccessListChange", item.AccessListChange);
        CwmpFields.Access(output, item.AccessList);
    });

    internal static SetParameterAttributes Read(XmlNode node) => new(CwmpFields.Items<ParameterAttributes>(node));
}

/// <summary>All were set.</summary>
public sealed record SetParameterAttributesResponse : CwmpMessage;

/// <summary>Asks for attributes (TR-069 A6 A.3.2.5).</summary>
/// <param name="Names">Full or partial paths.</param>
public sealed record GetParameterAttributes(IReadOnlyList<string> Names) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output) => CwmpFields.Texts(output, "ParameterNames", Names);

    internal static GetParameterAttributes Read(XmlNode node) => new(CwmpFields.Texts(node, "ParameterNames"));
}

/// <summary>The attributes.</summary>
/// <param name="Parameters">In the device's order.</param>
public sealed record GetParameterAttributesResponse(IReadOnlyList<ParameterAttributes> Parameters) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output) => CwmpFields.List(output, "ParameterList", "ParameterAttributeStruct", Parameters, static (output, item) =>
    {
        output.Field("Name", item.Name);
        output.Field("Notification", item.Notification);
        CwmpFields.Access(output, item.AccessList);
    });

    internal static GetParameterAttributesResponse Read(XmlNode node) => new(CwmpFields.Items<ParameterAttributes>(node));
}

/// <summary>Makes an instance of an object (TR-069 A6 A.3.2.6).</summary>
/// <param name="ObjectName">The path with its last dot.</param>
/// <param name="ParameterKey">What ManagementServer.ParameterKey becomes.</param>
public sealed record AddObject(string ObjectName, string ParameterKey) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output)
    {
        output.Field("ObjectName", ObjectName);
        output.Field("ParameterKey", ParameterKey);
    }

    internal static AddObject Read(XmlNode node) => new(node.Word("ObjectName"), node.Word("ParameterKey"));
}

/// <summary>It was made.</summary>
/// <param name="InstanceNumber">Its number.</param>
/// <param name="Status">0: in force. 1: later.</param>
public sealed record AddObjectResponse(long InstanceNumber, int Status) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output)
    {
        output.Field("InstanceNumber", InstanceNumber);
        output.Field("Status", Status);
    }

    internal static AddObjectResponse Read(XmlNode node) => new(node.Number("InstanceNumber"), CwmpFields.Int(node, "Status"));
}

/// <summary>Removes an instance of an object (TR-069 A6 A.3.2.7).</summary>
/// <param name="ObjectName">The path with instance number and last dot.</param>
/// <param name="ParameterKey">What ManagementServer.ParameterKey becomes.</param>
public sealed record DeleteObject(string ObjectName, string ParameterKey) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output)
    {
        output.Field("ObjectName", ObjectName);
        output.Field("ParameterKey", ParameterKey);
    }

    internal static DeleteObject Read(XmlNode node) => new(node.Word("ObjectName"), node.Word("ParameterKey"));
}

/// <summary>It was removed.</summary>
/// <param name="Status">0: in force. 1: later.</param>
public sealed record DeleteObjectResponse(int Status) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output) => output.Field("Status", Status);
}
