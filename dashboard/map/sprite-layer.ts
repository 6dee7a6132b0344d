import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibreMap } from 'maplibre-gl';
import { RECTANGLE_NUMBERS, type SpriteAtlas } from './sprite-atlas.ts';

/** Floats of one corner of a sprite: place (2), pixels beside it (2), place in the atlas (2), whether the pixels grow with the zoom (1). */
const FLOATS = 7;
const CORNERS = 4;
const FLOATS_OF_SPRITE = CORNERS * FLOATS;
/** Two triangles over the corners, in their order: left top, right top, left bottom, right bottom. */
const TRIANGLES = [0, 1, 2, 2, 1, 3] as const;

const VERTEX_SHADER = `#version 300 es
in vec2 a_place;
in vec2 a_pixels;
in vec2 a_at;
in float a_grows;
uniform mat4 u_matrix;
uniform vec2 u_viewport;
uniform float u_growth;
out vec2 v_at;
void main() {
  vec2 pixels = a_pixels * mix(1.0, u_growth, a_grows);
  gl_Position = u_matrix * vec4(a_place, 0.0, 1.0);
  gl_Position.xy += vec2(pixels.x, -pixels.y) * 2.0 / u_viewport * gl_Position.w;
  v_at = a_at;
}`;
const FRAGMENT_SHADER = `#version 300 es
precision mediump float;
in vec2 v_at;
uniform sampler2D u_atlas;
out vec4 colour;
void main() {
  colour = texture(u_atlas, v_at);
}`;

/** Sprites to be drawn, the first lowest. Places are relative to an origin near them: a 32-bit float of the whole world is metres coarse. */
export class SpriteBatch {
  readonly originX: number;
  readonly originY: number;
  #data = new Float32Array(FLOATS_OF_SPRITE * 1_024);
  #rectangles: Float32Array;
  #lengthBefore = 0;
  #hasOther = false;
  length = 0;

  constructor(originX: number, originY: number, atlas: SpriteAtlas) {
    this.originX = originX;
    this.originY = originY;
    this.#rectangles = atlas.rectangles;
  }

  get data(): Float32Array {
    return this.#data.subarray(0, this.length * FLOATS_OF_SPRITE);
  }

  /** Whether the sprites added since `clear` are others than those there were before it. */
  get isOther(): boolean {
    return this.#hasOther || this.length !== this.#lengthBefore;
  }

  /** Forgets all sprites; another atlas may have taken the place of the one before. */
  clear(atlas: SpriteAtlas): void {
    this.#lengthBefore = this.length;
    this.#hasOther = false;
    this.length = 0;
    this.#rectangles = atlas.rectangles;
  }

  add(sprite: number, x: number, y: number, offsetX: number, offsetY: number, grows: boolean): void {
    let at = this.length * FLOATS_OF_SPRITE;
    if (at + FLOATS_OF_SPRITE > this.#data.length) {
      const larger = new Float32Array(this.#data.length * 2);
      larger.set(this.#data);
      this.#data = larger;
    }
    const [placeX, placeY] = [x - this.originX, y - this.originY];
    const from = sprite * RECTANGLE_NUMBERS;
    for (let corner = 0; corner < CORNERS; corner++) {
      const column = (corner & 1) * 2;
      const row = (corner & 2) + 1;
      this.#put(at++, placeX);
      this.#put(at++, placeY);
      this.#put(at++, offsetX + (this.#rectangles[from + 4 + column] as number));
      this.#put(at++, offsetY + (this.#rectangles[from + 4 + row] as number));
      this.#put(at++, this.#rectangles[from + column] as number);
      this.#put(at++, this.#rectangles[from + row] as number);
      this.#put(at++, grows ? 1 : 0);
    }
    this.length++;
  }

  #put(at: number, value: number): void {
    const single = Math.fround(value);
    if (this.#data[at] === single) return;
    this.#data[at] = single;
    this.#hasOther = true;
  }
}

export interface SpriteLayerOptions {
  readonly id: string;
  /** Fills the batch when what it holds is no longer what is to be drawn; asked before every frame. A number that is another for every other batch. */
  readonly prepare: () => number;
  /** As last prepared. */
  readonly batch: () => SpriteBatch | null;
  readonly atlas: () => SpriteAtlas;
  /** Size of sprites that grow, at the map's zoom. */
  readonly growthAt: (zoom: number) => number;
}

/**
 * A layer of the map that draws any number of symbols in one call: nothing is kept for a symbol but its numbers on the graphics card. Corners are written
 * out, not instanced: a processor that draws in place of a graphics card takes each instance for a call of its own.
 */
export function createSpriteLayer(options: SpriteLayerOptions): CustomLayerInterface {
  let map: MapLibreMap | undefined;
  let program: WebGLProgram | null = null;
  let vertices: WebGLVertexArrayObject | null = null;
  let corners: WebGLBuffer | null = null;
  let triangles: WebGLBuffer | null = null;
  /** Sprites there are triangles for. */
  let room = 0;
  let texture: WebGLTexture | null = null;
  let drawnAtlas: SpriteAtlas | undefined;
  /** The batch that the graphics card holds. */
  let uploaded: number | undefined;

  function upload(gl: WebGL2RenderingContext, atlas: SpriteAtlas): void {
    drawnAtlas = atlas;
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, atlas.canvas);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  }

  return {
    id: options.id,
    type: 'custom',
    renderingMode: '2d',

    onAdd(addedTo, gl) {
      map = addedTo;
      program = link(gl);
      vertices = gl.createVertexArray();
      corners = gl.createBuffer();
      triangles = gl.createBuffer();
      texture = gl.createTexture();
      drawnAtlas = undefined;
      uploaded = undefined;
      room = 0;
      gl.bindVertexArray(vertices);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, triangles);
      gl.bindBuffer(gl.ARRAY_BUFFER, corners);
      attribute(gl, program, 'a_place', 2, 0);
      attribute(gl, program, 'a_pixels', 2, 2);
      attribute(gl, program, 'a_at', 2, 4);
      attribute(gl, program, 'a_grows', 1, 6);
      gl.bindVertexArray(null);
    },

    render(gl, { defaultProjectionData }: CustomRenderMethodInput) {
      if (!map || !program) return;
      const prepared = options.prepare();
      const batch = options.batch();
      if (!batch) return;
      gl.activeTexture(gl.TEXTURE0);
      if (drawnAtlas !== options.atlas()) upload(gl, options.atlas());
      // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's own name, no hook of React
      gl.useProgram(program);
      gl.bindVertexArray(vertices);
      if (uploaded !== prepared) {
        gl.bindBuffer(gl.ARRAY_BUFFER, corners);
        gl.bufferData(gl.ARRAY_BUFFER, batch.data, gl.DYNAMIC_DRAW);
        uploaded = prepared;
      }
      if (room < batch.length) {
        room = Math.max(1_024, 2 * batch.length);
        gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, trianglesOf(room), gl.STATIC_DRAW);
      }
      if (batch.length > 0) {
        const { clientWidth, clientHeight } = map.getCanvas();
        gl.bindTexture(gl.TEXTURE_2D, texture);
        gl.uniform1i(gl.getUniformLocation(program, 'u_atlas'), 0);
        gl.uniformMatrix4fv(
          gl.getUniformLocation(program, 'u_matrix'),
          false,
          movedTo(defaultProjectionData.mainMatrix, batch.originX, batch.originY),
        );
        gl.uniform2f(gl.getUniformLocation(program, 'u_viewport'), clientWidth, clientHeight);
        gl.uniform1f(gl.getUniformLocation(program, 'u_growth'), options.growthAt(map.getZoom()));
        gl.disable(gl.DEPTH_TEST);
        gl.disable(gl.STENCIL_TEST);
        gl.disable(gl.CULL_FACE);
        gl.drawElements(gl.TRIANGLES, batch.length * TRIANGLES.length, gl.UNSIGNED_INT, 0);
      }
      gl.bindVertexArray(null);
    },

    onRemove(_map, gl) {
      gl.deleteProgram(program);
      gl.deleteVertexArray(vertices);
      gl.deleteBuffer(corners);
      gl.deleteBuffer(triangles);
      gl.deleteTexture(texture);
    },
  };
}

/** The matrix for places relative to an origin; worked out in doubles, since the two cancel each other. */
function movedTo(matrix: ArrayLike<number>, x: number, y: number): Float32Array {
  const moved = Float32Array.from(matrix);
  for (let row = 0; row < 4; row++)
    moved[12 + row] = (matrix[row] as number) * x + (matrix[4 + row] as number) * y + (matrix[12 + row] as number);
  return moved;
}

/** Corners of the triangles of so many sprites. */
function trianglesOf(sprites: number): Uint32Array {
  const corners = new Uint32Array(sprites * TRIANGLES.length);
  for (let i = 0; i < corners.length; i++)
    corners[i] = Math.floor(i / TRIANGLES.length) * CORNERS + (TRIANGLES[i % TRIANGLES.length] as number);
  return corners;
}

function attribute(gl: WebGL2RenderingContext, program: WebGLProgram, name: string, size: number, from: number): void {
  const at = gl.getAttribLocation(program, name);
  gl.enableVertexAttribArray(at);
  gl.vertexAttribPointer(at, size, gl.FLOAT, false, FLOATS * 4, from * 4);
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX_SHADER],
    [gl.FRAGMENT_SHADER, FRAGMENT_SHADER],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) throw new Error('the graphics card gives no shader');
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS))
    throw new Error(`symbols can't be drawn: ${gl.getProgramInfoLog(program)}`);
  return program;
}
