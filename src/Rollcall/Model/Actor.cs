namespace Rollcall.Model;

/// <summary>Who acts, and when: the same instant for everything that a request does.</summary>
/// <param name="Viewer">The signed-in person; null for the program itself, such as an import.</param>
internal sealed record Actor(Viewer? Viewer, DateTimeOffset Now)
{
    public Guid? UserId => Viewer?.UserId;

    public bool IsSupport => Viewer is { IsSupport: true };

    public bool Is(Guid userId) => UserId == userId;
}
