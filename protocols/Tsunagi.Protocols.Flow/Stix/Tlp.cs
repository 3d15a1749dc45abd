namespace Tsunagi.Protocols.Flow.Stix;

/// <summary>Levels of the Traffic Light Protocol, version 2.0 of FIRST; the higher the closer it is held.</summary>
public enum Tlp
{
    /// <summary>May go to the world. WHITE in version 1.</summary>
    Clear,

    /// <summary>May go round in the community.</summary>
    Green,

    /// <summary>For those it was given to, their organisations and their clients, on a need-to-know basis.</summary>
    Amber,

    /// <summary>For those it was given to and their organisations only.</summary>
    AmberStrict,

    /// <summary>For the eyes of those it was given to; nothing further.</summary>
    Red,
}
