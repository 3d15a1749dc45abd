namespace Tsunagi.Protocols.Cpe.Cwmp;

/// <summary>A parameter with its value (TR-069 A6 A.3.2.1, ParameterValueStruct).</summary>
/// <param name="Name">The full path.</param>
/// <param name="Value">As it was written; a missing value is the empty text.</param>
/// <param name="Type">The local name of its type: string, int, unsignedInt, long, unsignedLong, boolean, dateTime, base64, hexBinary; empty when the device tells none.</param>
public sealed record ParameterValue(string Name, string Value, string Type = "string");

/// <summary>A name with whether it can be written (TR-069 A6 A.3.2.3, ParameterInfoStruct). The name of an object ends with a dot.</summary>
/// <param name="Name">The full path.</param>
/// <param name="Writable">A parameter can be set; an object can have instances added or be deleted.</param>
public sealed record ParameterInfo(string Name, bool Writable)
{
    /// <summary>Whether it names an object, not a parameter.</summary>
    public bool IsObject => Name.EndsWith('.');
}

/// <summary>What the device tells of changes of a parameter, and who else may write it (TR-069 A6 A.3.2.5).</summary>
/// <param name="Name">The path; of a whole object where it ends with a dot.</param>
/// <param name="Notification">0 off, 1 passive, 2 active, 3 to 6 the lightweight ones.</param>
/// <param name="AccessList">Others than the ACS that may write: "Subscriber".</param>
public sealed record ParameterAttributes(string Name, int Notification, IReadOnlyList<string> AccessList)
{
    /// <summary>In a request: whether the notification is to be changed. Always true in an answer.</summary>
    public bool NotificationChange { get; init; } = true;

    /// <summary>In a request: whether the access list is to be changed. Always true in an answer.</summary>
    public bool AccessListChange { get; init; } = true;
}
