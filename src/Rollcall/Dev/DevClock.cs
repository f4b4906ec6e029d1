namespace Rollcall.Dev;

/// <summary>
/// A clock that a developer can move forward, to see a link expire. It starts again at the real time with the program.
/// </summary>
/// <param name="real">The clock that this one is ahead of; null for the machine's.</param>
public sealed class DevClock(TimeProvider? real = null) : TimeProvider
{
    private readonly TimeProvider real = real ?? System;
    private long ahead;

    /// <summary>How far this clock is ahead of the real one.</summary>
    public TimeSpan Ahead => TimeSpan.FromTicks(Interlocked.Read(ref ahead));

    /// <summary>
    /// Moves the clock; never back, because what was written at a later time would then lie in the future.
    /// </summary>
    /// <param name="by">How far; negative counts as nothing.</param>
    public void Forward(TimeSpan by) => Interlocked.Add(ref ahead, Math.Max(0, by.Ticks));

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => real.GetUtcNow() + Ahead;
}
